package dev.errand.cli.dev;

import dev.errand.autoconfigure.WebAddress;
import dev.errand.config.ConfigurationException;
import dev.errand.holder.AgentException;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.DevKey;
import dev.errand.token.Base64Url;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code errand init}: writes a small working configuration; exit 1 if one of its files exists or cannot be written. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Writes a small working configuration with an identity provider and a SPIFFE trust domain of its own, for a",
            "first run on this machine. Nothing is overwritten."
        },
        footer = {
            "",
            "  errand init --dev mine                                    in front of a ticket API that `errand run` serves",
            "  errand init --dev mine --upstream http://127.0.0.1:3000   in front of an API of your own",
            "  errand init --dev mine --upstream http://127.0.0.1:3000 --openapi orders.yaml",
            "  errand init --dev mine --mcp http://127.0.0.1:8300/mcp    in front of an MCP server",
            "  errand run --config mine"
        })
public final class InitCommand implements Callable<Integer> {
    private static final int UPSTREAM_PORT = 8200;

    @Option(names = "--dev", required = true, paramLabel = "DIR", description = "The directory to be written.")
    private Path directory = Path.of("");

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description = "The address of an API of your own, http://host[:port] or https://host[:port].")
    private @Nullable String upstream;

    @Option(
            names = "--openapi",
            paramLabel = "FILE",
            description =
                    "The OpenAPI document (JSON or YAML) of the API at --upstream: its operations become the catalogue.")
    private @Nullable Path openapi;

    @Option(
            names = "--mcp",
            paramLabel = "URL",
            description = "The address of an MCP server (streamable HTTP): its tools become the catalogue.")
    private @Nullable String mcp;

    @Option(
            names = "--mcp-token",
            paramLabel = "FILE",
            description = "The bearer token that the MCP server wants, such as the file of `errand mcp-serve --token`.")
    private @Nullable Path mcpToken;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "The gateway's port (${DEFAULT-VALUE}); it is also in the gateway's identifier.")
    private int port;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (port < 1 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port must be 1..65535, was " + port);
        }
        if (openapi != null && upstream == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--openapi: add --upstream URL, the address of the API that the document describes");
        }
        if (mcp != null ? upstream != null || openapi != null : mcpToken != null) {
            throw new ParameterException(
                    spec.commandLine(), "--mcp goes without --upstream and --openapi, and --mcp-token goes with --mcp");
        }
        String kind = route().equals("tickets") ? "tickets" : "own";
        Map<String, String> words = words();
        JsonObject idp = DevKey.generate();
        JsonObject spiffe = DevKey.generate();
        byte[] token = new byte[24];
        new SecureRandom().nextBytes(token);
        String template = kind.equals("tickets") ? "triage" : "explore";
        ImportedApi api = openapi == null ? null : ImportedApi.read(openapi);
        Imported imported = mcp == null ? api : new ImportedMcp(server(mcp), new McpTools(server(mcp), token()).list());
        NewDirectory made = new NewDirectory(directory)
                .with("dev/.gitignore", "*\n")
                .with("dev/README", text("README", Map.of()))
                .with(DevKey.IDP.file(), Jcs.canonical(idp) + "\n")
                .with("dev/idp.jwks", DevKey.IDP.document(idp))
                .with(DevKey.SPIFFE.file(), Jcs.canonical(spiffe) + "\n")
                .with("dev/bundle.json", DevKey.SPIFFE.document(spiffe))
                .with("dev/upstream-token", Base64Url.encode(token) + "\n")
                .with(".gitignore", "/dev/\n/data/\n")
                .with(
                        "operations/" + route() + ".yaml",
                        imported == null ? text(kind + "/operations.yaml", words) : imported.catalogue())
                .with(
                        "tasks/" + template + ".yaml",
                        text((mcp != null ? "mcp" : api != null ? "imported" : kind) + "/task.yaml", words))
                .with(
                        "tests/" + template + ".yaml",
                        imported == null ? text(kind + "/test.yaml", words) : imported.scenarios())
                .with("application.yaml", text(kind + "/application.yaml", words));
        if (api != null) {
            made.with("operations/" + api.file(), api.content());
        }
        made.write();
        tell(template, api == null ? "/" : api.firstPath());
        return 0;
    }

    /** @param first the path of a first request to the API */
    private void tell(String template, String first) {
        PrintWriter out = spec.commandLine().getOut();
        String errand = OwnName.here();
        out.println(directory + ": a configuration for this machine. Next, the first in a terminal of its own:");
        out.println("  " + errand + " run --config " + directory);
        out.println("  " + errand + " agent --ask --dev " + directory + " --template " + template
                + switch (route()) {
                    case "tickets" -> " --param ticket=17 -- sh -c 'curl -s \"$ERRAND_ROUTE_TICKETS/v1/tickets/17\"'";
                    case "api" -> " -- sh -c 'curl -s \"$ERRAND_ROUTE_API" + first + "\"'";
                    default -> " --mcp tools";
                });
        out.flush();
    }

    /** The route, which is also the catalogue. */
    private String route() {
        return mcp != null ? "tools" : upstream != null ? "api" : "tickets";
    }

    private Map<String, String> words() throws IOException {
        Map<String, String> words = new LinkedHashMap<>();
        String to = upstream == null ? "http://127.0.0.1:" + freePort() : address(upstream);
        words.put(
                "@UPSTREAM@",
                mcp == null ? to : server(mcp).getScheme() + "://" + server(mcp).getRawAuthority());
        words.put("@PORT@", Integer.toString(port));
        words.put(
                "@FILTERS@",
                mcpToken == null
                        ? """
                      # Does the upstream want a credential? Add UpstreamCredential=@ROUTE@ here, and the two lines at the end.
                      filters: [StripPrefix=1, OperationMapping=@ROUTE@]
                """
                        : "      filters: [StripPrefix=1, OperationMapping=@ROUTE@, UpstreamCredential=@ROUTE@]\n");
        words.put(
                "@UPSTREAMS@",
                mcpToken == null
                        ? """
                  # upstreams:
                  #   @ROUTE@: {bearer: {file: "file:dev/upstream-token"}}
                """
                        : "  upstreams:\n    @ROUTE@: {bearer: {file: \"file:"
                                + mcpToken.toAbsolutePath().normalize() + "\"}}\n");
        words.put("@ROUTE@", route());
        return words;
    }

    private @Nullable String token() {
        try {
            return mcpToken == null ? null : Files.readString(mcpToken).strip();
        } catch (IOException e) {
            throw new AgentException(
                    mcpToken + ": cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private URI server(String given) {
        try {
            return WebAddress.parseServer("--mcp", given);
        } catch (ConfigurationException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    private String address(String given) {
        try {
            URI server = WebAddress.parseServer("--upstream", given);
            if (!server.getRawPath().isEmpty() && !server.getRawPath().equals("/")) {
                throw ConfigurationException.of(
                        "--upstream: leave the path out: the requests bring theirs, behind /api on the gateway");
            }
            return server.getScheme() + "://" + server.getRawAuthority();
        } catch (ConfigurationException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    /** The small upstream's port: the usual one if nothing listens there, else one that is free now. */
    private static int freePort() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        for (int wanted : new int[] {UPSTREAM_PORT, 0}) {
            try (ServerSocket socket = new ServerSocket(wanted, 1, loopback)) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                continue;
            }
        }
        return UPSTREAM_PORT;
    }

    private static String text(String name, Map<String, String> words) throws IOException {
        try (InputStream in = Objects.requireNonNull(InitCommand.class.getResourceAsStream(name), name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> word : words.entrySet()) {
                text = text.replace(word.getKey(), word.getValue());
            }
            return text;
        }
    }
}
