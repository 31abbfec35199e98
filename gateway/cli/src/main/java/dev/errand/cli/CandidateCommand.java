package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.Printable;
import dev.errand.offline.audit.CandidateAudit;
import dev.errand.offline.audit.CandidateReport;
import java.io.PrintWriter;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand audit candidate}: sums up the decisions that a template's candidate would have made otherwise. */
@Command(
        name = "candidate",
        mixinStandardHelpOptions = true,
        description = {
            "Lists by rule the recorded calls, with their runs, that the candidate beside a template would have decided",
            "otherwise.",
            "Exit code 0, 2 for bad input."
        })
final class CandidateCommand extends LogsCommand {
    private static final int MAX_EXAMPLES = 10_000;

    @Option(names = "--template", paramLabel = "T", required = true, description = "the template of the runs")
    private String template = "";

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "5",
            description = "how many calls are shown for each rule (default: ${DEFAULT-VALUE})")
    private int examples;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        if (examples < 0 || examples > MAX_EXAMPLES) {
            throw new BadInputException("--examples is 0.." + MAX_EXAMPLES + ", was " + examples);
        }
        CandidateAudit audit = new CandidateAudit(template, examples);
        Inputs.stream(logs, audit::add, err);
        if (audit.decisions() == 0) {
            throw new BadInputException("no decision about a task of the template '" + template
                    + "' is in the log; it has "
                    + (audit.others().isEmpty()
                            ? "no task"
                            : "tasks of " + String.join(", ", new TreeSet<>(audit.others()))));
        }
        out.print(
                json ? Printable.line(Jcs.canonical(CandidateReport.json(audit))) + "\n" : CandidateReport.text(audit));
        return 0;
    }
}
