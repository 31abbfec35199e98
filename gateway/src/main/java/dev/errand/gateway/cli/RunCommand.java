package dev.errand.gateway.cli;

import dev.errand.gateway.GatewayApplication;
import java.nio.file.Files;
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
        for (String property : properties) {
            if (!property.matches("--[^=]+=.*")) {
                err.println("errand run: '" + property + "' is no property: write --name=value");
                return 2;
            }
        }
        if (!Files.isRegularFile(config.resolve("application.yaml"))) {
            err.println("errand run: " + config.resolve("application.yaml")
                    + " does not exist: --config names the directory that holds application.yaml, operations/ and"
                    + " tasks/");
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
