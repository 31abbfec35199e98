package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.Printable;
import dev.errand.log.read.LogReader;
import dev.errand.offline.export.OcsfExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code errand export ocsf}: the decisions of logs as events that a SIEM reads. */
@Command(
        name = "ocsf",
        mixinStandardHelpOptions = true,
        description = {
            "Prints each decision of a log as an event of the Open Cybersecurity Schema Framework 1.8.0, class API Activity (6003), one",
            "JSON object a line. Nothing is verified: run verify-log first."
        },
        footer = {"", "Example:  errand export ocsf --log data/provenance > events.jsonl"})
final class OcsfCommand extends LogsCommand {
    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        try {
            for (Path log : logs.all()) {
                OcsfExport.run(new LogReader(log), event -> out.println(Printable.line(Jcs.canonical(event))));
            }
            return 0;
        } catch (IOException e) {
            throw new BadInputException(ProveCommand.reason(e));
        }
    }
}
