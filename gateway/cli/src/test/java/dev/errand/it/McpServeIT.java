package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Official servers over stdio behind {@code errand mcp-serve}, the gateway and the companion, by ordinary hosts of both official
 * SDKs: each declares roots, sampling and elicitation, lists all that the server is capable of, and calls tools inside its task and
 * outside it. No host hears of an error of the protocol, and none ends its task.
 */
@Tag("mcp")
@Tag("mcp-node")
class McpServeIT {
    private static final String GRANTS = new Page("docs/operations/mcp.md").grants("# one tool of the time server");

    @TempDir
    private Path directory;

    /** How many refusals end the task. */
    private int denials = 5;

    private static Path sdk() {
        return RealServer.program("mcp-node", "mcp-node");
    }

    private static String python() {
        return RealServer.program("mcp", "mcp-python/bin/python").toString();
    }

    private static List<String> node(String server, String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                "node",
                sdk().resolve("node_modules/@modelcontextprotocol/server-" + server + "/dist/index.js")
                        .toString()));
        line.addAll(List.of(arguments));
        return line;
    }

    private static String client(String name) {
        return RunningGateway.repository()
                .resolve("gateway/cli/src/test/clients")
                .resolve(name)
                .toString();
    }

    private RealServer served(List<String> server, Path token) {
        int port = FreePort.next();
        return RealServer.start(
                directory,
                "mcp-serve-" + port,
                port,
                "/mcp",
                Map.of("PYTHONDONTWRITEBYTECODE", "1", "MEMORY_FILE_PATH", directory + "/memory.jsonl"),
                Companion.mcpServe(port, token, server).toArray(String[]::new));
    }

    private FrontedServer fronted(RealServer server, Path token, String grants) {
        // As a page's own template reacts: five refusals end a task.
        String template = FrontedServer.template(GRANTS + grants)
                .replace(
                        "denials: 10000, within: 60s, then: deny",
                        "denials: " + denials + ", within: 60s, then: interrupt")
                .replace("lifetime: 60m\n", "lifetime: 60m\ndelegation: {max-depth: 1, max-children: 8}\n");
        return FrontedServer.start(
                "tools",
                server.uri(),
                "",
                Map.of("errand.upstreams.tools.bearer.file", "file:" + token),
                List.of("UpstreamCredential=tools"),
                Map.of("tasks/work.yaml", template));
    }

    /** What a host saw. */
    private record Seen(List<String> capabilities, List<String> tools, List<String> results) {}

    private static Seen seen(String said) {
        JsonObject json = TestAgent.json(said);
        assertThat(texts(json, "complaints")).as(said).isEmpty();
        return new Seen(texts(json, "capabilities"), texts(json, "tools"), texts(json, "results"));
    }

    private static List<String> texts(JsonObject json, String name) {
        return ((JsonArray) json.get(name))
                .values().stream().map(value -> ((JsonString) value).value()).toList();
    }

    /** What the hosts printed, one line of JSON each. */
    private static List<Seen> ran(int hosts, ServerProcess.Outcome outcome) {
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        List<String> said =
                outcome.text().lines().filter(line -> line.startsWith("{\"")).toList();
        assertThat(said).as(outcome.text()).hasSize(hosts);
        return said.stream().map(McpServeIT::seen).toList();
    }

    /**
     * Both hosts, over HTTP and over the companion's own stdio. Each companion has a child of the one task.
     *
     * @param calls the last of them is outside of the task
     */
    private void hosts(List<String> server, String grants, String calls, List<String> tools, String... results)
            throws Exception {
        Path token = directory.resolve("token");
        List<Seen> all = new ArrayList<>();
        try (RealServer served = served(server, token);
                FrontedServer fronted = fronted(served, token, grants)) {
            String script = "node " + client("mcp_host.mjs") + " $ERRAND_ROUTE_TOOLS " + directory + " '" + calls
                    + "' && " + python() + " " + client("mcp_host.py") + " $ERRAND_ROUTE_TOOLS auto " + directory + " '"
                    + calls + "'";
            all.addAll(ran(
                    2,
                    Companion.of(fronted.gateway(), fronted.agent().child(), directory)
                            .with("MCP_NODE", sdk().toString())
                            .run("sh", "-ec", script)));
            for (String host : List.of("node", "python")) {
                Companion bridge =
                        Companion.of(fronted.gateway(), fronted.agent().child(), directory, "--mcp", "tools");
                String command = String.join("\u001f", bridge.command());
                ProcessBuilder builder = new ProcessBuilder(
                        host.equals("node")
                                ? List.of("node", client("mcp_host.mjs"), command, directory.toString(), calls)
                                : List.of(
                                        python(), client("mcp_host.py"), command, "auto", directory.toString(), calls));
                builder.environment().put("MCP_NODE", sdk().toString());
                all.addAll(ran(1, ServerProcess.end(builder, "")));
            }
            assertThat(fronted.gateway().records())
                    .as("the task goes on")
                    .noneMatch(line -> line.contains("\"interrupted\""));
        }
        for (Seen one : all) {
            assertThat(one.capabilities())
                    .contains("tools")
                    .doesNotContain("prompts", "resources", "logging", "completions");
            assertThat(one.tools()).containsExactlyElementsOf(tools);
            for (int i = 0; i < results.length; i++) {
                assertThat(one.results().get(i)).contains(results[i]);
            }
            assertThat(one.results()).hasSize(results.length + 1);
            assertThat(one.results().get(results.length)).contains("errand: ", "(decision ");
        }
    }

    /** The server asks its host for its roots, a sample and a form, each over the stream of the call. */
    @Test
    @Tag("everything")
    void everything_asksItsHost() throws Exception {
        hosts(
                node("everything", "stdio"),
                """
                  tools:tools.call/echo: {message: {wildcard: true}}
                  tools:tools.call/get-roots-list: {}
                  tools:tools.call/trigger-sampling-request: {prompt: {wildcard: true}, maxTokens: {wildcard: true, optional: true}}
                  tools:tools.call/trigger-elicitation-request: {}
                """,
                "[[\"echo\",{\"message\":\"hello\"}],[\"get-roots-list\",{}],[\"trigger-sampling-request\",{\"prompt\":\"p\"}],"
                        + "[\"trigger-elicitation-request\",{}],[\"get-env\",{}]]",
                List.of("echo", "get-roots-list", "trigger-elicitation-request", "trigger-sampling-request"),
                "Echo: hello",
                directory.getFileName().toString(),
                "sampled",
                "declined");
    }

    /** The folder as the tool writes it, with a slash at its end, and a file of another folder. */
    @Test
    void filesystem_worksBelowItsFolder() throws Exception {
        Files.writeString(directory.resolve("note.txt"), "of the note");
        hosts(
                node("filesystem", directory.toString()),
                """
                  tools:tools.call/list_directory: {path: {path_containment: "%1$s"}}
                  tools:tools.call/read_text_file: {path: {path_containment: "%1$s"}}
                """.formatted(directory),
                "[[\"list_directory\",{\"path\":\"" + directory + "/\"}],[\"read_text_file\",{\"path\":\"" + directory
                        + "/note.txt\"}],[\"read_text_file\",{\"path\":\"/etc/hostname\"}]]",
                List.of("list_directory", "read_text_file"),
                "note.txt",
                "of the note");
    }

    @Test
    void memory_keepsWhatItIsTold() throws Exception {
        hosts(
                node("memory"),
                """
                  tools:tools.call/create_entities: {entities: {wildcard: true}}
                  tools:tools.call/read_graph: {}
                """,
                "[[\"create_entities\",{\"entities\":[{\"name\":\"ada\",\"entityType\":\"person\",\"observations\":[\"reads\"]}]}],"
                        + "[\"read_graph\",{}],[\"delete_entities\",{\"entityNames\":[\"ada\"]}]]",
                List.of("create_entities", "read_graph"),
                "",
                "ada");
    }

    @Test
    void git_readsItsRepository() throws Exception {
        Path repository = Files.createDirectory(directory.resolve("app"));
        ServerProcess.run(
                "sh",
                "-ec",
                "cd " + repository + "; git init -q .; echo a >a.txt; git add a.txt; git -c user.name=Ada"
                        + " -c user.email=ada@example.org commit -q -m 'The first commit'");
        hosts(
                List.of(
                        RealServer.program("mcp", "mcp-python/bin/mcp-server-git")
                                .toString(),
                        "--repository",
                        repository.toString()),
                """
                  tools:tools.call/git_status: {repo_path: {path_containment: "%1$s"}}
                  tools:tools.call/git_log: {repo_path: {path_containment: "%1$s"}, max_count: {range: {max: 10}, optional: true}}
                """.formatted(repository),
                "[[\"git_status\",{\"repo_path\":\"" + repository + "\"}],[\"git_log\",{\"repo_path\":\"" + repository
                        + "\",\"max_count\":3}],[\"git_status\",{\"repo_path\":\"/etc\"}]]",
                List.of("git_log", "git_status"),
                "nothing to commit",
                "The first commit");
    }

    /** GitHub's own server, whose token reaches every repository: one pull request in one repository. */
    @Test
    @Tag("github-mcp")
    void github_opensAPullRequest_andNothingElse() throws Exception {
        denials = 50;
        String at = "\"owner\":\"acme\",\"repo\":\"app\"";
        String pull = "\"title\":\"Fix 17\",\"base\":\"main\",\"head\":\"fix-17\"}]";
        try (StandInGitHub github = new StandInGitHub()) {
            // The server keeps no port of an address, so it gets the stand-in as its proxy.
            List<String> server = List.of(
                    "env",
                    "GITHUB_HOST=http://" + StandInGitHub.HOST,
                    "HTTP_PROXY=" + github.uri(),
                    "GITHUB_PERSONAL_ACCESS_TOKEN=" + StandInGitHub.FIXED_TOKEN,
                    RealServer.program("github-mcp", "github-mcp/github-mcp-server")
                            .toString(),
                    "stdio");
            hosts(
                    server,
                    new Page("docs/github.md").grants("# one pull request by GitHub's server for MCP"),
                    "[[\"issue_read\",{\"method\":\"get\"," + at + ",\"issue_number\":17}],[\"create_pull_request\",{"
                            + at
                            + "," + pull + ",[\"create_pull_request\",{" + at.replace("app", "other") + "," + pull
                            + ",[\"merge_pull_request\",{" + at
                            + ",\"pullNumber\":3}],[\"create_or_update_file\",{" + at
                            + ",\"path\":\".github/workflows/ci.yml\",\"content\":\"\",\"message\":\"x\",\"branch\":\"fix-17\"}]]",
                    List.of("create_pull_request", "issue_read"),
                    "It is broken",
                    "https://github.com/acme/app/pull/3",
                    "errand: constraint-violated",
                    "errand: not-granted");
            assertThat(github.executed())
                    .extracting(StandInGitHub.Executed::operation)
                    .filteredOn(operation -> !operation.equals("meta/root"))
                    .containsOnly("issues/get", "pulls/create")
                    .hasSize(8);
        }
    }
}
