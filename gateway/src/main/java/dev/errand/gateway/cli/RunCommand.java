package dev.errand.gateway.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.gateway.GatewayApplication;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code errand run}: runs the gateway until it is stopped. */
@Command(
        name = "run",
        description = "Runs the gateway. Any Spring property may follow as --name=value.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "The directory with application.yaml, operations/ and tasks/.")
    private Path config = Path.of(".");

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        var err = spec.commandLine().getErr();
        ConfigurationDirectory directory = new ConfigurationDirectory(config, properties);
        String wrong = directory.wrong();
        if (wrong != null) {
            err.println("errand run: " + wrong);
            return directory.exitCode();
        }
        ConfigurationCheck.Result checked = ConfigurationCheck.check(config, directory.overrides());
        checked.faults().forEach(err::println);
        checked.warnings().forEach(warning -> err.println(warning.asWarning()));
        if (!checked.faults().isEmpty()) {
            return 1;
        }
        try {
            GatewayApplication.start(config, properties);
            return Errand.RUNNING;
        } catch (RuntimeException failure) {
            StartFailure.explain(failure).forEach(line -> err.println("errand run: " + line));
            return 1;
        }
    }
}
