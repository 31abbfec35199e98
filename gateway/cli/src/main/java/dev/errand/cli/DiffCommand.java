package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.offline.proof.DirectoryDiff;
import dev.errand.offline.proof.DirectoryDiff.Result;
import dev.errand.offline.proof.DirectoryDiff.Side;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand diff}: what tasks of one configuration may do that tasks of another may not. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Compares two configurations: what tasks of B may do that tasks of A may not, and the reverse, each with a",
            "shortest run. Exit code 0: B permits nothing new. 3: B permits something new. 1: a fault."
        })
final class DiffCommand extends CliCommand {
    private static final int NEW = 3;
    private static final int USAGE = 2;

    @Parameters(index = "0", paramLabel = "A", description = "The directory of the first configuration.")
    private Path first = Path.of(".");

    @Parameters(index = "1", paramLabel = "B", description = "The directory of the second configuration.")
    private Path second = Path.of(".");

    @Option(names = "--template", paramLabel = "T", description = "Only this template.")
    private @Nullable String template;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Option(names = "--markdown", description = "Markdown, for a comment on a pull request.")
    private boolean markdown;

    @Mixin
    private TimeLimit limit = new TimeLimit();

    @Override
    public Integer call() {
        PrintWriter err = err();
        if (json && markdown) {
            err.println("--json and --markdown exclude each other");
            return USAGE;
        }
        Duration time = limit.time(err);
        if (time == null) {
            return USAGE;
        }
        Side before = side(first, err);
        Side after = side(second, err);
        if (before == null || after == null) {
            return 1;
        }
        if (template != null
                && !before.policies().templates().containsKey(template)
                && !after.policies().templates().containsKey(template)) {
            err.println("neither " + first + " nor " + second + " has a template '" + template + "'");
            return 1;
        }
        Result result = new DirectoryDiff(before, after).run(template, time);
        PrintWriter out = out();
        DiffOutput output = new DiffOutput(result);
        out.print(json ? output.json() : markdown ? output.markdown() : output.text());
        out.flush();
        return result.isNew() ? NEW : 0;
    }

    /** The configuration; null, after every fault was printed, if it has any. */
    private static @Nullable Side side(Path directory, PrintWriter err) {
        String wrong = new ConfigurationDirectory(directory, List.of()).wrong();
        if (wrong != null) {
            err.println(wrong);
            return null;
        }
        ConfigurationCheck.Result checked = ConfigurationCheck.check(directory, Map.of());
        checked.faults().forEach(fault -> err.println(directory + ": " + fault));
        return checked.faults().isEmpty() ? new Side(directory, Objects.requireNonNull(checked.policies())) : null;
    }
}
