package dev.errand.cli;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.WitnessKey;
import dev.errand.log.proof.WitnessQuorum;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand verify-log}: exit 0 for a good log, 1 for any fault, each on a line of its own. */
@Command(
        name = "verify-log",
        description = "Checks the integrity of a whole provenance log.",
        footer = {
            "",
            "Example:  curl -s https://gateway.example.org/.well-known/jwks.json > jwks.json",
            "          errand verify-log data/provenance --keys jwks.json",
            "",
            "Exit code 0 for a good log, 1 for any fault, each on a line of its own."
        },
        mixinStandardHelpOptions = true)
final class VerifyLogCommand extends CliCommand {
    @Parameters(paramLabel = "DIR", description = "the log's directory")
    private Path directory = Path.of(".");

    @Option(
            names = "--keys",
            paramLabel = "JWKS",
            description =
                    "file with the keys of use log that may have signed the checkpoint; without it the signature is"
                            + " not checked")
    private @Nullable Path keys;

    @Option(
            names = "--seen",
            paramLabel = "CHECKPOINT",
            description = "a checkpoint of this log kept from earlier, which the log must extend")
    private @Nullable Path seen;

    @Option(
            names = "--witness",
            paramLabel = "VKEY",
            description = "the vkey of a witness that must have cosigned the log; may be repeated")
    private List<String> witnesses = List.of();

    @Option(
            names = "--quorum",
            paramLabel = "N",
            description = "how many of the named witnesses must have cosigned; by default all")
    private @Nullable Integer quorum;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        try {
            LogVerifier.Report report = LogVerifier.verify(directory, keys, seen, wanted());
            if (json) {
                Reported.print(out, json(report));
                return report.faults().isEmpty() ? 0 : 1;
            }
            if (!report.faults().isEmpty()) {
                report.faults().forEach(fault -> err.println(Printable.line(fault)));
                out.println("fault: " + report.records() + " records, " + report.covered() + " under the checkpoint");
                return 1;
            }
            out.println("ok: " + report.records() + " records, " + report.covered() + " under the checkpoint of "
                    + Printable.line(report.origin()));
            if (report.first() > 0) {
                out.println("from: record " + report.first() + ": the " + report.first()
                        + " records before it were removed, as the note 'retained' states");
            }
            if (report.tornBytes() > 0) {
                out.println("note: " + report.tornBytes()
                        + " bytes of an unfinished last line, which the next start cuts off");
            }
            if (!witnesses.isEmpty()) {
                out.println("witnessed: " + report.witnessed() + " records");
            }
            out.println(report.signed() ? "signed" : "unsigned");
            return 0;
        } catch (IllegalArgumentException e) {
            err.println("--witness, --quorum: " + Printable.line(String.valueOf(e.getMessage())));
            return 1;
        } catch (IOException e) {
            err.println(ProveCommand.reason(e));
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private static JsonObject json(LogVerifier.Report report) {
        return new JsonMembers()
                .put("good", report.faults().isEmpty())
                .put("records", report.records())
                .put("first", report.first())
                .put("covered", report.covered())
                .put("origin", report.origin())
                .put("witnessed", report.witnessed())
                .put("signed", report.signed())
                .put("torn_bytes", report.tornBytes())
                .put("faults", Reported.texts(report.faults()))
                .toJson();
    }

    private @Nullable WitnessQuorum wanted() {
        if (witnesses.isEmpty() && quorum != null) {
            throw new IllegalArgumentException("a quorum needs the vkeys of witnesses: write --witness VKEY");
        }
        List<WitnessKey> named = witnesses.stream().map(WitnessKey::parse).toList();
        return named.isEmpty() ? null : new WitnessQuorum(named, quorum == null ? named.size() : quorum);
    }
}
