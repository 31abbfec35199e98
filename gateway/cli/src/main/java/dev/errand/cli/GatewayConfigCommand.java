package dev.errand.cli;

import dev.errand.autoconfigure.AskedRoutes;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.ConfigurationException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code errand gateway-config}: the configuration of another gateway that asks Errand for decisions. */
@Command(
        name = "gateway-config",
        description =
                "Prints a configuration of another gateway that asks for a decision about each request of these routes."
                        + " Any Spring property may follow as --name=value.",
        mixinStandardHelpOptions = true)
final class GatewayConfigCommand extends CliCommand {
    @Parameters(paramLabel = "GATEWAY", description = "envoy: Envoy 1.35 or newer, with static resources.")
    private String gateway = "";

    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "The directory with application.yaml, operations/ and tasks/.")
    private Path config = Path.of(".");

    @Option(
            names = "--route",
            paramLabel = "ID",
            description = "A route; may be repeated. By default all routes with metadata: {errand-cluster: NAME}.")
    private List<String> routes = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:10000",
            description = "Where the gateway listens. Default: ${DEFAULT-VALUE}.")
    private String listen = "";

    @Option(
            names = "--traffic",
            paramLabel = "URL",
            description = "Errand's traffic port. By default of server.address and server.port.")
    private @Nullable URI traffic;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "The gateway's certificate; without it plain HTTP.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "The private key of --certificate.")
    private @Nullable Path key;

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter err = err();
        ConfigurationDirectory directory = new ConfigurationDirectory(config, properties);
        String wrong = usage();
        if (wrong != null) {
            err.println(wrong);
            return 2;
        }
        wrong = directory.wrong();
        if (wrong != null) {
            err.println(wrong);
            return directory.exitCode();
        }
        ConfigurationCheck.Result result = ConfigurationCheck.check(config, directory.overrides());
        result.faults().forEach(err::println);
        if (!result.faults().isEmpty()) {
            return 1;
        }
        try {
            AskedRoutes asked = AskedRoutes.read(config, directory.overrides(), routes);
            out().print(new EnvoyConfig(
                            asked,
                            traffic == null ? URI.create(asked.traffic()) : traffic,
                            listen,
                            absolute(certificate),
                            absolute(key),
                            value -> config.resolve(value.replaceFirst("^file:", ""))
                                    .toAbsolutePath()
                                    .normalize())
                    .text());
            out().flush();
            return 0;
        } catch (IllegalArgumentException | ConfigurationException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private @Nullable String usage() {
        if (!gateway.equals("envoy")) {
            return "'" + gateway + "' is no gateway that this command knows: write envoy";
        }
        if (!listen.matches("[^\\s/]+:\\d{1,5}")) {
            return "--listen is HOST:PORT, was '" + listen + "'";
        }
        if ((certificate == null) != (key == null)) {
            return "--certificate and --key come together";
        }
        return traffic == null
                        || (traffic.getHost() != null
                                && String.valueOf(traffic.getScheme()).matches("(?i)https?"))
                ? null
                : "--traffic is a URL such as http://127.0.0.1:8080";
    }

    private static @Nullable String absolute(@Nullable Path file) {
        return file == null ? null : file.toAbsolutePath().normalize().toString();
    }
}
