package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official client and the conformance suite of MCP against the reference server, through the gateway. */
@Tag("everything")
class McpRealServersIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    /** The tools that the conformance suite calls; the reference server answers most of them with an error of its own. */
    private static final List<String> SUITE_TOOLS = List.of(
            "test_simple_text",
            "test_image_content",
            "test_audio_content",
            "test_embedded_resource",
            "test_multiple_content_types",
            "test_tool_with_logging",
            "test_error_handling",
            "test_tool_with_progress",
            "test_sampling",
            "test_elicitation",
            "test_elicitation_sep1034_defaults",
            "test_elicitation_sep1330_enums",
            "test_reconnection",
            "json_schema_2020_12_tool");

    /** The protocol's revision whose scenarios are run. */
    private static final String REVISION = "2025-11-25";

    private static final List<String> SUITE_PROMPTS = List.of(
            "test_simple_prompt",
            "test_prompt_with_arguments",
            "test_prompt_with_embedded_resource",
            "test_prompt_with_image");

    private static final String HEAD = """
            template: %s
            description: Use the reference server
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            # The suite leaves the streams of scenarios that fail open until it ends: ten at once, directly as well.
            streams: {max: 16, each: 30m}
            allow:
              tools:initialize: {}
              tools:notifications.initialized: {}
              tools:notifications.cancelled: {}
              tools:tools.list: {resource: {wildcard: true}}
              tools:prompts.list: {resource: {wildcard: true}}
              tools:session.stream: {resource: {wildcard: true}}
              tools:session.end: {resource: {wildcard: true}}
              tools:session.reply: {resource: {wildcard: true}}
            """;

    @TempDir
    private static Path directory;

    private static McpServers mcp;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        mcp = new McpServers(directory);
        String application = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        application.replace(
                                "\nerrand:\n",
                                "    - id: tools\n      uri: " + mcp.uri()
                                        + "\n      predicates: [Path=/mcp]\n      filters: [OperationMapping=tools]\n\nerrand:\n"))
                .file("tasks/few.yaml", HEAD.formatted("few") + """
                          tools:tools.call/echo: {message: {wildcard: true}}
                          tools:tools.call/get-sum: {a: {range: {min: 0, max: 100}}, b: {range: {min: 0, max: 100}}}
                          tools:prompts.get/simple-prompt: {resource: {wildcard: true}}
                        limits: {calls: 1000}
                        """)
                .file("tasks/suite.yaml", suite())
                .start();
    }

    private static String suite() {
        StringBuilder template = new StringBuilder(HEAD.formatted("suite"));
        for (String id : List.of(
                "ping",
                "logging.setLevel",
                "completion.complete",
                "tools.call/echo",
                "resources.list",
                "resources.templates.list",
                "resources.read",
                "resources.subscribe",
                "resources.unsubscribe")) {
            String argument = id.equals("tools.call/echo") ? "message" : "resource";
            template.append("  tools:").append(id).append(": {" + argument + ": {wildcard: true}}\n");
        }
        SUITE_TOOLS.forEach(
                tool -> template.append("  tools:tools.call/").append(tool).append(": {\"*\": {wildcard: true}}\n"));
        SUITE_PROMPTS.forEach(prompt ->
                template.append("  tools:prompts.get/").append(prompt).append(": {resource: {wildcard: true}}\n"));
        return template.append("limits: {calls: 100000}\n")
                .append("on-violation: {repeated: {denials: 10000, within: 60s, then: interrupt}}\n")
                .toString();
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        mcp.close();
    }

    private static Map<String, String> agent(String template) {
        Map<String, String> environment = new HashMap<>();
        environment.put(
                "ERRAND_AGENT",
                RunningGateway.repository().resolve("clients/agent.mjs").toUri().toString());
        environment.put("ERRAND_ADDRESS", gateway.address().toString());
        environment.put("ERRAND_ISSUER", RunningGateway.ISSUER);
        environment.put("ERRAND_HUMAN", HUMAN.token());
        environment.put("ERRAND_SVID", WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
        environment.put("ERRAND_START", "{\"template\":\"" + template + "\"}");
        return environment;
    }

    private static List<String> texts(JsonObject seen, String name) {
        return ((JsonArray) seen.get(name))
                .values().stream().map(value -> ((JsonString) value).value()).toList();
    }

    @Test
    void officialClient_listsAndCallsWhatIsGranted() throws Exception {
        String printed = mcp.run(directory, agent("few"), List.of("--import", "./errand.mjs", "client.mjs"));
        String last = printed.strip().substring(printed.strip().lastIndexOf('\n') + 1);
        assertThat(last).as(printed).startsWith("{");
        JsonObject seen = TestAgent.json(last);
        assertThat(texts(seen, "tools")).containsExactly("echo", "get-sum");
        assertThat(texts(seen, "prompts")).containsExactly("simple-prompt");
        assertThat(seen.string("echo")).contains("through the gateway");
        assertThat(seen.string("sum")).contains("5");
        assertThat(seen.string("tooLarge")).startsWith("refused").contains("constraint-violated");
        assertThat(seen.string("env")).startsWith("refused").contains("not-granted");
        assertThat(last).contains("\"session\":true");
    }

    /** A first configuration of its tools. */
    @Test
    void init_ofTheServersTools_isGood(@TempDir Path work) {
        String mine = work.resolve("mine").toString();
        for (List<String> words : List.of(
                List.of("init", "--dev", mine, "--mcp", mcp.uri() + "/mcp"),
                List.of("check", "--config", mine, "--strict"),
                List.of("test", mine))) {
            assertThat(Errand.commandLine().execute(words.toArray(String[]::new)))
                    .as(words.get(0))
                    .isZero();
        }
        assertThat(work.resolve("mine/operations/tools.yaml"))
                .content()
                .contains("\"echo\": read  # review", "\"toggle-simulated-logging\": write  # review");
    }

    @Test
    void conformanceSuite_givesTheSameResultsAsDirectly() throws Exception {
        List<String> direct = results(Map.of(), List.of(), mcp.uri());
        List<String> through = results(
                agent("suite"),
                List.of("--import", "./errand.mjs"),
                gateway.address().toString());
        System.out.println("conformance directly: " + direct);
        assertThat(direct).hasSizeGreaterThan(20).anyMatch(line -> line.startsWith("✓"));
        assertThat(through).isEqualTo(direct);
    }

    /** A line each scenario, but for the one that is about the Host and Origin of whoever listens: that is the gateway. */
    private static List<String> results(Map<String, String> environment, List<String> imports, String address)
            throws Exception {
        List<String> arguments = new ArrayList<>(imports);
        arguments.addAll(List.of(
                "node_modules/@modelcontextprotocol/conformance/dist/index.js",
                "server",
                "--url",
                address + "/mcp",
                "--requirements",
                REVISION,
                "-o",
                Files.createTempDirectory(directory, "conformance").toString()));
        String printed = mcp.run(directory, environment, arguments);
        int summary = printed.indexOf("=== SUMMARY ===");
        assertThat(summary).as(printed).isPositive();
        return printed.substring(summary)
                .lines()
                .filter(line -> line.startsWith("✓") || line.startsWith("✗"))
                .filter(line -> !line.contains("dns-rebinding-protection"))
                .toList();
    }
}
