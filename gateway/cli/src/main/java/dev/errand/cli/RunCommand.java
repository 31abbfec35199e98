package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.DevAddress;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.StoreWait;
import dev.errand.cli.dev.FreshSvid;
import dev.errand.server.GatewayApplication;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code errand run}: runs the gateway until it is stopped. */
@Command(
        name = "run",
        description = "Runs the gateway. Any Spring property may follow as --name=value.",
        mixinStandardHelpOptions = true)
final class RunCommand extends CliCommand {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "The directory with application.yaml, operations/ and tasks/.")
    private Path config = Path.of(".");

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @Override
    public Integer call() {
        var err = err();
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
        boolean first = FreshSvid.isFor(config);
        if (first) {
            err.println("errand run: starting, which takes some seconds");
        }
        ConfigurableApplicationContext context;
        try {
            context = GatewayApplication.start(config, properties);
        } catch (RuntimeException failure) {
            StartFailure.explain(failure).forEach(line -> err.println("errand run: " + line));
            return 1;
        }
        ErrandProperties errand = context.getBean(ErrandProperties.class);
        String upstream = errand.dev().upstream();
        if (upstream != null && !serve(upstream, context)) {
            return 1;
        }
        if (first) {
            FreshSvid svid = new FreshSvid(config, line -> err.println("errand run: " + line));
            context.addApplicationListener((ContextClosedEvent closed) -> svid.close());
        }
        StoreWait store = context.getBean(StoreWait.class);
        if (!store.isOver()) {
            err.println("errand run: " + store.line());
        }
        store.follow(() -> ready(ReadyLine.of(context.getEnvironment(), errand, checked)), this::endWithoutStore);
        return Errand.RUNNING;
    }

    private void ready(String line) {
        var out = out();
        out.println(line);
        out.flush();
    }

    /** Ends the process as if it had not started, so that its supervisor may start it again. */
    private void endWithoutStore(List<String> lines) {
        lines.forEach(line -> err().println("errand run: " + line));
        System.exit(1);
    }

    /** Serves the small upstream of a first run for as long as the gateway runs; false where it cannot be served. */
    private boolean serve(String upstream, ConfigurableApplicationContext context) {
        try {
            DevUpstream running = DevUpstream.start(DevAddress.parse(upstream), config);
            context.addApplicationListener((ContextClosedEvent closed) -> running.close());
            return true;
        } catch (IOException e) {
            err().println("errand run: the upstream of errand.dev cannot be served at " + upstream + " ("
                    + e.getMessage()
                    + "): stop what listens there, or write another port in errand.dev.upstream");
            context.close();
            return false;
        }
    }
}
