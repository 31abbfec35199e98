package dev.errand.cli;

import dev.errand.autoconfigure.ProvenanceConfiguration.ConfiguredLog;
import dev.errand.config.ConfigurationException;
import dev.errand.json.Printable;
import dev.errand.log.write.LogAdoption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand log adopt}: signs a statement of the missing records, so that the gateway starts again. */
@Command(
        name = "adopt",
        mixinStandardHelpOptions = true,
        description = {
            "States which records of a log are missing after its oldest segments were removed by hand, in a note 'retained'",
            "that the log's key signs. The gateway must not be running. It starts again afterwards, and what is left of the log",
            "verifies. The tiles must be there; nothing is stated of a log that has other faults.",
            "Exit code 0, 1 if nothing was stated."
        },
        footer = {"", "Example:  errand log adopt --config config"})
final class LogAdoptCommand extends CliCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "the log's directory; by default errand.provenance.directory of the configuration")
    private @Nullable Path log;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            required = true,
            description = "the configuration, for the key that signs checkpoints")
    private Path config = Path.of(".");

    @Override
    public Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        try {
            String wrong = new ConfigurationDirectory(config, List.of()).wrong();
            if (wrong != null) {
                err.println(wrong);
                return 1;
            }
            ConfiguredLog configured = ConfiguredLog.of(config);
            LogAdoption.Adopted adopted =
                    LogAdoption.adopt(log == null ? configured.directory() : log, configured.settings());
            out.println("adopted: " + Printable.line(adopted.origin()) + ": the records 0 to " + (adopted.first() - 1)
                    + " are missing, as the note 'retained' states now");
            return 0;
        } catch (ConfigurationException e) {
            err.println(Printable.line(String.valueOf(e.getMessage())));
            return 1;
        } catch (IOException e) {
            err.println(ProveCommand.reason(e));
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
