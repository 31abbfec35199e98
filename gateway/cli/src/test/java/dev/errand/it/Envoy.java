package dev.errand.it;

import dev.errand.FreePort;
import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine;

/** A real Envoy that asks a gateway, with the configuration that {@code errand gateway-config envoy} prints. */
final class Envoy implements AutoCloseable {
    private final RealServer server;

    private Envoy(RealServer server) {
        this.server = server;
    }

    /**
     * An Envoy before that gateway.
     *
     * @param options further options of the command
     */
    static Envoy before(RunningGateway gateway, Path directory, List<String> properties, String... options) {
        return before(gateway, directory, properties, printed -> printed, options);
    }

    /** The same, with a configuration that was changed after it was printed. */
    static Envoy before(
            RunningGateway gateway,
            Path directory,
            List<String> properties,
            UnaryOperator<String> change,
            String... options) {
        return before(gateway.directory(), gateway.address(), directory, properties, change, options);
    }

    /**
     * The same, before any gateway.
     *
     * @param config its configuration
     * @param traffic its traffic port
     */
    static Envoy before(
            Path config,
            URI traffic,
            Path directory,
            List<String> properties,
            UnaryOperator<String> change,
            String... options) {
        int port = FreePort.next();
        // The line of the page, with this gateway's folder and a free port.
        String line = new Page("docs/behind/envoy.md")
                .block("errand gateway-config")
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceFirst("^ *errand ", "")
                .replace("--config config", "--config " + config)
                .replace("127.0.0.1:10000", "127.0.0.1:" + port)
                .replaceFirst(" > envoy.yaml$", "");
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(List.of("--traffic", traffic.toString()));
        arguments.addAll(List.of(options));
        arguments.addAll(properties);
        return run(directory, port, change.apply(printed(arguments.toArray(String[]::new))));
    }

    /** An Envoy with this configuration, which listens at that port. */
    static Envoy run(Path directory, int port, String configuration) {
        try {
            Path home = Files.createTempDirectory(directory, "envoy");
            Path file = Files.writeString(home.resolve("envoy.yaml"), configuration);
            return new Envoy(RealServer.start(
                    home,
                    "envoy",
                    port,
                    configuration.contains("DownstreamTlsContext") ? "" : "/",
                    Map.of(),
                    RealServer.program("envoy", "envoy/envoy").toString(),
                    "-c",
                    file.toString(),
                    "--concurrency",
                    "1",
                    "--base-id",
                    Integer.toString(port),
                    "--log-level",
                    System.getProperty("envoy.log", "warning")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The printed configuration, with that upstream in the place of the one at the port. It speaks HTTP/1.1 with trailers, so trailers
     * of a request reach it if nothing takes them away.
     */
    static String takingTrailers(String printed, String cluster, int port, RawUpstream upstream) {
        String timeout = "- name: \"" + cluster + "\"\n      connect_timeout: 2s\n";
        return printed.replace("port_value: " + port, "port_value: " + upstream.port())
                .replace(timeout, timeout + """
                      typed_extension_protocol_options:
                        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                          explicit_http_config: {http_protocol_options: {enable_trailers: true}}
                """.indent(0));
    }

    /** What the command prints. */
    static String printed(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Errand.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        int status = command.execute(arguments);
        if (status != 0) {
            throw new AssertionError("status " + status + ": " + err);
        }
        return out.toString();
    }

    URI address() {
        return URI.create(server.uri());
    }

    int port() {
        return server.port();
    }

    List<String> log() {
        return server.log();
    }

    /** Ends it at once, as {@code kill -9} does. */
    void kill() {
        server.kill();
    }

    @Override
    public void close() {
        server.close();
    }
}
