package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of the page "Your agent in ten lines" as they stand but for the gateway's port, with the packed libraries
 * against a gateway whose routes lead to a ticket API, S3Mock, a mock of an apiserver and the official time server.
 */
class AgentsPageIT {
    private static final Page PAGE = new Page("docs/agents.md");
    private static final int MOST_LINES = 15;

    @TempDir
    private static Path packed;

    private static AgentLibraries libraries;

    @TempDir
    private Path directory;

    @BeforeAll
    static void arrange() {
        libraries = new AgentLibraries(packed);
    }

    /** One example: its first line, the route that it needs beside the tickets, and where that leads. */
    private record Example(String beginning, String route, String uri) {}

    @Test
    @Tag("agent-python")
    void httpx() throws Exception {
        List<String> said = python(new Example("# httpx", "", ""));
        assertThat(said.get(0)).isEqualTo("{'title': 'Printer'}");
        assertThat(said.get(1)).matches("not-granted d-\\S+ None");
        assertThat(said).hasSize(2);
    }

    @Test
    @Tag("agent-python")
    void langChain() throws Exception {
        assertThat(python(new Example("# LangChain", "", "")))
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("{\"title\":\"Printer\"}"),
                        second -> assertThat(second)
                                .startsWith("refused: constraint-violated: ")
                                .contains("(decision d-"));
    }

    @Test
    @Tag("agent-python")
    @Tag("mcp")
    void pythonMcp() throws Exception {
        try (RealServer server = time()) {
            assertThat(python(new Example("# MCP", "tools", server.uri())))
                    .first()
                    .isEqualTo("['get_current_time']");
        }
    }

    @Test
    @Tag("agent-python")
    @Tag("s3mock")
    void boto3() throws Exception {
        try (RealServer server = RealServer.s3mock(directory)) {
            Direct.call("PUT", server.uri() + "/reports", "");
            assertThat(python(new Example("# boto3", "s3", server.uri())))
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo("b'done'"),
                            second -> assertThat(second).startsWith("constraint-violated: "));
        }
    }

    @Test
    @Tag("agent-python")
    @Tag("kubernetes")
    void kubernetes() throws Exception {
        try (RealServer server = RealServer.kubernetes(directory)) {
            Direct.call(
                    "POST",
                    server.uri() + "/api/v1/namespaces/staging/pods",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"containers\":[]}}");
            assertThat(python(new Example("# kubernetes", "k8s", server.uri())))
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo("['web']"),
                            second -> assertThat(second).startsWith("not-granted: "));
        }
    }

    @Test
    @Tag("agent-node")
    void nodeFetch() throws Exception {
        List<String> said = node(new Example("// fetch", "", ""));
        assertThat(said.get(0)).isEqualTo("{ title: 'Printer' }");
        assertThat(said.get(1)).matches("not-granted d-\\S+ undefined");
        assertThat(said).hasSize(2);
    }

    @Test
    @Tag("agent-node")
    @Tag("mcp")
    void nodeMcp() throws Exception {
        try (RealServer server = time()) {
            assertThat(node(new Example("// MCP", "tools", server.uri())))
                    .first()
                    .isEqualTo("[ 'get_current_time' ]");
        }
    }

    private RealServer time() {
        int port = FreePort.next();
        Path script = RunningGateway.repository().resolve("gateway/cli/src/test/clients/mcp_time_server.py");
        return RealServer.start(
                directory,
                "mcp-time",
                port,
                "/mcp",
                Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                RealServer.program("mcp", "mcp-python/bin/python").toString(),
                script.toString(),
                Integer.toString(port));
    }

    private List<String> python(Example example) throws Exception {
        return run(example, directory, "agent.py", script -> libraries.python(directory, script));
    }

    private List<String> node(Example example) throws Exception {
        Path home = libraries.tarball();
        return run(
                example,
                home,
                "agent.mjs",
                script -> ServerProcess.end(new ProcessBuilder("node", script).directory(home.toFile()), ""));
    }

    /** What runs a script of this name. */
    private interface Interpreter {
        ServerProcess.Outcome run(String script) throws Exception;
    }

    /** Runs the example in a directory that has the two tokens; the lines that it printed. */
    private List<String> run(Example example, Path home, String script, Interpreter interpreter) throws Exception {
        String block = PAGE.block(example.beginning());
        assertThat(block.lines().skip(1).filter(line -> !line.isBlank()))
                .as(example.beginning())
                .hasSizeLessThanOrEqualTo(MOST_LINES);
        try (Triage triage = Triage.start(example.route(), example.uri())) {
            Files.writeString(home.resolve(script), triage.at(home, block));
            ServerProcess.Outcome outcome = interpreter.run(script);
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            // Each of them ends its task.
            assertThat(triage.gateway().records()).anyMatch(line -> line.contains("\"kind\":\"end"));
            return outcome.text().strip().lines().toList();
        }
    }
}
