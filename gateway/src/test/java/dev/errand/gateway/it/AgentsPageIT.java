package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of the page "Your agent in ten lines" as they stand but for the gateway's port, with the packed libraries
 * against a gateway whose routes lead to a ticket API, S3Mock, a mock of an apiserver and the official time server.
 */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class AgentsPageIT {
    private static final Page PAGE = new Page("docs/agents.md");
    private static final int MOST_LINES = 15;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
              - {id: ticket.comment, match: {method: POST, path: "/v1/tickets/{id}/comments"}, effect: write, resource: "{id}"}
            """;

    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 15m
            delegation: {max-depth: 2, max-children: 8}
            parameters: {ticket: "[0-9]{1,10}"}
            allow:
              tickets:ticket.read: {resource: {exact: "{ticket}"}}
              tickets:ticket.comment: {resource: {exact: "{ticket}"}}
              s3:PutObject: {resource: {path_containment: "reports/2026"}}
              s3:GetObject: {resource: {path_containment: "reports/2026"}}
              k8s:pods.list: {resource: {exact: staging/_none}}
              tools:server.discover: {}
              tools:initialize: {}
              tools:notifications.initialized: {}
              tools:tools.list: {}
              tools:session.stream: {}
              tools:session.end: {}
              tools:tools.call/get_current_time: {timezone: {exact: UTC}}
            """;

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
        int port = RealServer.freePort();
        Path script = RunningGateway.repository().resolve("gateway/src/test/clients/mcp_time_server.py");
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
        assertThat(block).contains("http://127.0.0.1:8080");
        try (RecordingUpstream tickets = new RecordingUpstream();
                RunningGateway gateway = gateway(example, tickets)) {
            tickets.answer(request -> RecordingUpstream.Answer.of(200, "{\"title\":\"Printer\"}"));
            Files.writeString(home.resolve("human.jwt"), HUMAN.token());
            Files.writeString(
                    home.resolve("agent.svid"), WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
            Files.writeString(
                    home.resolve(script),
                    block.replace("http://127.0.0.1:8080", gateway.address().toString()));
            ServerProcess.Outcome outcome = interpreter.run(script);
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            // Each of them ends its task.
            assertThat(gateway.records()).anyMatch(line -> line.contains("\"kind\":\"end"));
            return outcome.text().strip().lines().toList();
        }
    }

    private static RunningGateway gateway(Example example, RecordingUpstream tickets) {
        String application = FrontedServer.application("tickets", tickets.uri(), List.of());
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("operations/tickets.yaml", CATALOGUE)
                .file("tasks/triage.yaml", TEMPLATE);
        if (!example.route().isEmpty()) {
            String more =
                    "    - {id: %1$s, uri: \"%2$s\", predicates: [\"Path=/%1$s/**\"], filters: [StripPrefix=1, OperationMapping=%1$s]}%n"
                            .formatted(example.route(), example.uri());
            application = application.replace("errand:\n", more + "errand:\n");
        }
        return builder.file("application.yaml", application).start();
    }
}
