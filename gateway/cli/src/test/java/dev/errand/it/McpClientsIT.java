package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The official client for Python as it is shipped, in both eras of the protocol, against the official time server and the
 * reference server, inside a task and outside it.
 */
@Tag("mcp")
class McpClientsIT {
    private static final String GRANTS = new Page("docs/operations/mcp.md").grants("# one tool of the time server");

    @TempDir
    private Path directory;

    private static String script(String name) {
        return RunningGateway.repository()
                .resolve("gateway/cli/src/test/clients")
                .resolve(name)
                .toString();
    }

    private static String python() {
        return RealServer.program("mcp", "mcp-python/bin/python").toString();
    }

    private RealServer time() {
        int port = FreePort.next();
        return RealServer.start(
                directory,
                "mcp-time",
                port,
                "/mcp",
                Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                python(),
                script("mcp_time_server.py"),
                Integer.toString(port));
    }

    private static Client client(SigningProxy proxy, String mode) {
        return new Client(
                proxy,
                Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                List.of(python(), script("mcp_client.py"), proxy.address() + "/tools/mcp", mode));
    }

    @ParameterizedTest
    @CsvSource({"auto,none,2026-07-28", "legacy,none,2025-11-25", "auto,server.discover,2025-11-25"})
    void pythonClient_againstTheTimeServer_callsWhatItsTaskGrants(String mode, String without, String revision)
            throws Exception {
        String grants =
                GRANTS.lines().filter(line -> !line.contains(without)).collect(Collectors.joining("\n", "", "\n"));
        try (RealServer server = time();
                FrontedServer fronted = FrontedServer.start("tools", server.uri(), grants);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client client = client(proxy, mode);
            List<String> said = client.succeeds("Europe/Berlin", "get_current_time", "{\"timezone\":\"Europe/Berlin\"}")
                    .lines()
                    .toList();
            assertThat(said).startsWith(revision, "get_current_time");
            assertThat(client.fails("get_current_time", "{\"timezone\":\"Asia/Tokyo\"}"))
                    .doesNotContain("day_of_week");
            assertThat(client.fails(
                            "convert_time",
                            "{\"source_timezone\":\"UTC\",\"time\":\"10:00\",\"target_timezone\":\"Asia/Tokyo\"}"))
                    .doesNotContain("time_difference");
            assertThat(Client.named(fronted))
                    .contains("tools:tools.call/get_current_time", "tools:tools.list")
                    .doesNotContain("tools:tools.call/convert_time");
        }
    }

    @Test
    @Tag("everything")
    void pythonClient_againstTheReferenceServer_callsWhatItsTaskGrants() throws Exception {
        try (RealServer server = RealServer.everything(directory);
                FrontedServer fronted = FrontedServer.start("tools", server.uri(), GRANTS + """
                          tools:tools.call/echo: {message: {wildcard: true}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client client = client(proxy, "auto");
            List<String> said = client.succeeds(
                            "Echo: through the gateway", "echo", "{\"message\":\"through the gateway\"}")
                    .lines()
                    .toList();
            assertThat(said.get(1)).isEqualTo("echo");
            assertThat(client.fails("get-env", "{}")).doesNotContain("PATH\"");
            // The transport of 2024: a stream at a path of its own.
            assertThat(fronted.agent().get(fronted.gateway(), "/tools/sse").body())
                    .contains("unknown-operation");
        }
    }

    @Test
    @Tag("everything")
    void pythonClient_insideThePagesTemplate_callsTheToolsThatItNames() throws Exception {
        try (RealServer server = RealServer.everything(directory);
                FrontedServer fronted = FrontedServer.ofPage(
                        "tools", server.uri(), Map.of(), new Page("docs/operations/tools.md"), "ask-tools", "{}");
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client client = client(proxy, "auto");
            client.succeeds("Echo: inside", "echo", "{\"message\":\"inside\"}");
            client.succeeds("42", "get-sum", "{\"a\":20,\"b\":22}");
            client.fails("get-sum", "{\"a\":200,\"b\":22}");
            client.fails("echo", "{\"message\":\"x\",\"Message\":\"y\"}");
            assertThat(client.fails("get-env", "{}")).doesNotContain("PATH\"");
            assertThat(Client.named(fronted))
                    .contains("tools:tools.call/echo", "tools:tools.call/get-sum")
                    .doesNotContain("tools:tools.call/get-env");
        }
    }
}
