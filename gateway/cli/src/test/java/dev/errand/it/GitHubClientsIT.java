package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code @octokit/rest}, PyGithub and {@code gh api} as they are shipped, against a server that is made from GitHub's document. What
 * the gateway named a request is what the server executed.
 */
@Tag("github-clients")
class GitHubClientsIT {
    private static final Path CLIENTS = RunningGateway.repository().resolve("gateway/cli/src/test/clients");

    @TempDir
    private static Path directory;

    private static StandInGitHub github;

    @BeforeAll
    static void start() throws Exception {
        github = new StandInGitHub();
        Path modules = RealServer.program("github-clients", "github-node/node_modules");
        Files.createSymbolicLink(directory.resolve("node_modules"), modules);
        Files.copy(CLIENTS.resolve("github_octokit.mjs"), directory.resolve("github_octokit.mjs"));
    }

    @AfterAll
    static void stop() {
        github.close();
    }

    private static FrontedServer fronted(String allow) throws Exception {
        Map<String, String> files = new HashMap<>(Map.of("token", StandInGitHub.FIXED_TOKEN));
        for (String name : List.of("github.yaml", "github-openapi.json")) {
            files.put(
                    "operations/" + name,
                    Files.readString(StandInGitHub.EXAMPLE.resolve("operations").resolve(name)));
        }
        return FrontedServer.start(
                "github",
                github.uri(),
                allow,
                Map.of("errand.upstreams.github.bearer.file", "file:token"),
                List.of("UpstreamCredential=github"),
                files);
    }

    /** The ids of the operations that were permitted since, in their order. */
    private static List<String> permitted(FrontedServer fronted) {
        return fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "permit".equals(line.string("outcome")))
                .map(line -> String.valueOf(line.string("operation")).replace("github:", ""))
                .toList();
    }

    /** A token cannot hold all operations at once. What the other half would be is named in the refusal, too. */
    @ParameterizedTest
    @CsvSource({"'read, list', 180", "'write, delete, execute, admin', 180"})
    void octokit_everyMethod_isNamedAsTheServerExecutedIt_orRefused(String effects, int atLeast) throws Exception {
        try (FrontedServer fronted = fronted("  \"github:*\": {effects: [" + effects + "]}\n");
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            int before = github.executed().size();
            ServerProcess.Outcome outcome = proxy.run(
                    Map.of(), "node", directory.resolve("github_octokit.mjs").toString(), proxy.address() + "/github");
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            List<JsonObject> calls = outcome.text().lines().map(Jws::object).toList();
            assertThat(calls).hasSizeGreaterThan(900);
            List<String> executed = github
                    .executed()
                    .subList(before, github.executed().size())
                    .stream()
                    .map(StandInGitHub.Executed::operation)
                    .toList();
            List<String> named = calls.stream()
                    .filter(call -> String.valueOf(call.string("code")).isEmpty())
                    .map(call -> String.valueOf(call.string("operation")).replace("github:", ""))
                    .toList();
            assertThat(named).isEqualTo(executed).hasSizeGreaterThan(atLeast);
            Map<String, Set<String>> refused = calls.stream()
                    .filter(call -> !String.valueOf(call.string("code")).isEmpty())
                    .collect(Collectors.groupingBy(
                            call -> String.valueOf(call.string("code")),
                            Collectors.mapping(call -> call.string("call"), Collectors.toCollection(TreeSet::new))));
            assertThat(refused).containsOnlyKeys("unknown-operation", "not-granted", "malformed-request");
            // The root of the API, which is a slash behind the prefix of the route.
            assertThat(refused.get("malformed-request")).containsOnly("meta.root");
            assertThat(refused.get("unknown-operation"))
                    .hasSizeGreaterThan(400)
                    .contains("apps.revokeInstallationAccessToken", "gists.create", "orgs.update");
        }
    }

    @Test
    void pygithub_isNamedAsTheServerExecutedIt_andIsRefusedWhatIsNotGranted() throws Exception {
        String allow = """
                  "github:*": {effects: [read, list, write, delete]}
                """;
        try (FrontedServer fronted = fronted(allow);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            int before = github.executed().size();
            ServerProcess.Outcome outcome = proxy.run(
                    Map.of(),
                    RealServer.program("github-clients", "github-python/bin/python")
                            .toString(),
                    CLIENTS.resolve("github_pygithub.py").toString(),
                    proxy.address() + "/github");
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            List<String> executed = github
                    .executed()
                    .subList(before, github.executed().size())
                    .stream()
                    .map(StandInGitHub.Executed::operation)
                    .toList();
            assertThat(permitted(fronted)).isEqualTo(executed).hasSizeGreaterThan(20);
            assertThat(outcome.text().lines().filter(line -> !line.endsWith(" passed")))
                    .containsExactly(
                            "secrets 403 not-granted",
                            "hook 403 not-granted",
                            "workflow.file 403 not-granted",
                            "collaborator 403 not-granted");
        }
    }

    @Test
    void ghApi_callsPaths_andNoGraphQl() throws Exception {
        try (FrontedServer fronted = fronted("""
                          github:pulls/list: {resource: {exact: acme/app}}
                          github:pulls/create: {resource: {exact: acme/app}, base: {exact: main}, head: {exact: fix-17}}
                          github:issues/get: {resource: {exact: acme/app/17}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            int before = github.executed().size();
            Client gh = new Client(
                    proxy,
                    Map.of(
                            "GH_TOKEN", "of-the-agent",
                            "GH_CONFIG_DIR", directory.resolve("gh").toString(),
                            "GH_NO_UPDATE_NOTIFIER", "1"),
                    List.of("gh", "api"));
            String at = proxy.address() + "/github/repos/acme/app/";
            gh.succeeds("[]", at + "pulls?state=open");
            gh.succeeds("\"number\":3", at + "pulls", "-f", "title=fix", "-f", "base=main", "-f", "head=fix-17");
            gh.succeeds("{", at + "issues/17");
            assertThat(gh.fails(at + "issues/18")).contains("403");
            assertThat(gh.fails("-X", "PUT", at + "pulls/3/merge")).contains("403");
            assertThat(gh.fails(proxy.address() + "/github/graphql", "-f", "query={viewer{login}}"))
                    .contains("403");
            assertThat(github.executed().subList(before, github.executed().size()))
                    .extracting(StandInGitHub.Executed::operation)
                    .isEqualTo(permitted(fronted))
                    .containsExactly("pulls/list", "pulls/create", "issues/get");
        }
    }

    /** The agent of the page, and what the page says that it may not do. */
    @Test
    void page_opensOnePullRequest_andShowsTheRefusals() throws Exception {
        Page page = new Page("docs/github.md");
        String again = "() => rest.pulls.create({ ...at, title: \"Fix 17\", base: \"main\", head: \"fix-17\" }),\n])";
        Files.writeString(
                directory.resolve("fix.mjs"),
                page.block("const main =")
                        + page.block("const file =")
                                .replaceFirst("(?s)^.*(?=const file)", "")
                                .replace("])", again));
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RunningGateway gateway =
                GitHubAppIT.example(github.uri()).trusting(human, workloads).start()) {
            TestAgent agent = TestAgent.start(
                    gateway,
                    HttpClient.newHttpClient(),
                    TestKey.ed25519("agent"),
                    human.token("developers", ""),
                    workloads.svid("spiffe://example.org/agent/fixer", RunningGateway.ISSUER),
                    "{\"template\":\"fix\",\"parameters\":{\"owner\":\"acme\",\"repo\":\"app\",\"issue\":\"17\"}}");
            try (SigningProxy proxy = new SigningProxy(new FrontedServer(gateway, agent), "")) {
                ServerProcess.Outcome outcome = proxy.run(
                        Map.of("ERRAND_ROUTE_GITHUB", proxy.address() + "/github"),
                        "node",
                        directory.resolve("fix.mjs").toString());
                assertThat(outcome.exit()).as(outcome.text()).isZero();
                assertThat(outcome.text().lines().filter(line -> line.matches("opened .*|passed|[0-9]{3} .*")))
                        .extracting(line -> line.replaceFirst("(?<=^403 errand: [a-z-]{1,30}): .*", ""))
                        .containsExactly(
                                "opened 3",
                                "403 errand: not-granted",
                                "403 errand: constraint-violated",
                                "403 errand: not-granted",
                                "403 errand: constraint-violated",
                                "403 errand: rule-violation");
            }
        }
    }

    /** Gitea's API has many requests of GitHub's. Its own account says that each was executed. */
    @Test
    @Tag("gitea")
    void octokit_againstGitea() throws Exception {
        Path script = directory.resolve("gitea.mjs");
        Files.writeString(script, """
                import { Octokit } from "@octokit/rest";
                const { rest } = new Octokit({ baseUrl: process.argv[2], log: { debug() {}, info() {}, warn() {}, error() {} } });
                const at = { owner: "errand", repo: "app" };
                const file = await rest.repos.getContent({ ...at, path: "docs/a.txt", ref: "fix" });
                await rest.repos.createOrUpdateFileContents({ ...at, path: "docs/a.txt", branch: "fix", message: "Fix",
                  sha: file.data.sha, content: Buffer.from("fixed").toString("base64") });
                const pull = await rest.pulls.create({ ...at, title: "Fix", base: "main", head: "fix" });
                await rest.pulls.get({ ...at, pull_number: pull.data.number });
                for (const refused of [
                  () => rest.pulls.merge({ ...at, pull_number: pull.data.number }),
                  () => rest.repos.getContent({ ...at, repo: "other", path: "OTHER.md" }),
                  () => rest.repos.createOrUpdateFileContents({ ...at, path: ".github/workflows/ci.yml", branch: "fix", message: "x", content: "" }),
                ]) {
                  try { await refused(); console.log("passed"); } catch (e) { console.log(e.status, e.response.headers["errand-code"]); }
                }
                """);
        try (GiteaServer server = new GiteaServer(Files.createDirectory(directory.resolve("gitea")))) {
            server.repository("app", "docs/a.txt", "broken");
            server.repository("other", "OTHER.md", "of other");
            server.call("POST", "/api/v1/repos/errand/app/branches", "{\"new_branch_name\":\"fix\"}");
            Map<String, String> files = new HashMap<>();
            for (String name : List.of("github.yaml", "github-openapi.json")) {
                files.put(
                        "operations/" + name,
                        Files.readString(StandInGitHub.EXAMPLE
                                        .resolve("operations")
                                        .resolve(name))
                                .replace("\nresolver: template\n", "\nresolver: template\nbase-path: /api/v1\n"));
            }
            Map<String, String> credential = new HashMap<>();
            server.credential().forEach((name, value) -> credential.put(name.replace(".ci.", ".github."), value));
            try (FrontedServer fronted = FrontedServer.start(
                            "github", server.uri(), """
                              github:repos/get-content: {resource: {path_containment: errand/app}}
                              github:repos/create-or-update-file-contents: {resource: {path_containment: errand/app}, branch: {exact: fix}}
                              github:pulls/create: {resource: {exact: errand/app}, base: {exact: main}, head: {exact: fix}}
                              github:pulls/get: {resource: {path_containment: errand/app}}
                            """, credential, List.of("UpstreamCredential=github"), files);
                    SigningProxy proxy = new SigningProxy(fronted, "")) {
                ServerProcess.Outcome outcome =
                        proxy.run(Map.of(), "node", script.toString(), proxy.address() + "/github/api/v1");
                assertThat(outcome.exit()).as(outcome.text()).isZero();
                assertThat(outcome.text().lines())
                        .containsExactly("403 not-granted", "403 constraint-violated", "403 not-granted");
                assertThat(permitted(fronted))
                        .containsExactly(
                                "repos/get-content",
                                "repos/create-or-update-file-contents",
                                "pulls/create",
                                "pulls/get");
            }
        }
    }
}
