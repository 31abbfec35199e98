package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.jose.TestRsa;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/github} over HTTP: what each task gets at GitHub, and what it cannot get. */
class GitHubAppIT {
    private static final String AT = "/github/repos/acme/app/";
    private static final String FILE = "{\"message\":\"fix\",\"content\":\"\",\"branch\":\"fix-17\"}";
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static StandInGitHub github;
    private static @Nullable GitOverHttp git;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        github = new StandInGitHub();
        git = GitOverHttp.isPossible() ? new GitOverHttp(directory.resolve("git"), GitHubAppIT::isLiveToken) : null;
        gateway = example(github.uri())
                .property("git.uri", git == null ? github.uri() : git.address())
                .file(
                        "tasks/clone.yaml",
                        FrontedServer.template("  git:fetch: {resource: {exact: acme/app}}\n")
                                .replace("template: work", "template: clone"))
                .file(
                        "tasks/wide.yaml",
                        FrontedServer.template("  github:issues/get: {}\n  github:search/code: {}\n")
                                .replace("template: work", "template: wide"))
                .start();
    }

    /** The configuration of the example, with a key of its own. */
    static RunningGateway.Builder example(String uri) throws Exception {
        RunningGateway.Builder builder =
                RunningGateway.with().property("github.uri", uri).property("git.uri", uri);
        for (String folder : List.of("operations", "tasks")) {
            try (Stream<Path> files = Files.list(StandInGitHub.EXAMPLE.resolve(folder))) {
                for (Path file : files.toList()) {
                    builder.file(folder + "/" + file.getFileName(), Files.readString(file));
                }
            }
        }
        return builder.file("application.yaml", Files.readString(StandInGitHub.EXAMPLE.resolve("application.yaml")))
                .trusting(HUMAN, WORKLOADS)
                .file("credentials/app.pem", appKey())
                .property("errand.upstreams.github.github-app.api", uri);
    }

    /** git takes the token of the task as a password. The server of git takes no other. */
    @Test
    void git_clonesByTheTokenOfItsTask_theRepositoryOfTheTask() throws Exception {
        assumeTrue(git != null, "git is not installed");
        TestAgent agent = task("clone", "release-bot", "{}");
        List<String> before = List.copyOf(github.tokens().keySet());
        try (SigningProxy proxy = new SigningProxy(new FrontedServer(gateway, agent), "")) {
            Client client = new Client(
                    proxy,
                    Map.of("HOME", directory.toString(), "GIT_CONFIG_NOSYSTEM", "1", "GIT_TERMINAL_PROMPT", "0"),
                    List.of("git"));
            Path copy = directory.resolve("copy");
            client.succeeds("", "clone", proxy.address() + "/git/acme/app.git", copy.toString());
            assertThat(copy.resolve("README")).hasContent("of the server");
            assertThat(Jcs.canonical(tokenSince(before).getValue()))
                    .isEqualTo("{\"permissions\":{\"contents\":\"read\"},\"repositories\":[\"app\"]}");
            assertThat(client.fails("ls-remote", proxy.address() + "/git/acme/other.git"))
                    .contains("403");
            client.fails("-C", copy.toString(), "push", "origin", "HEAD:refs/heads/fix-17");
        }
    }

    private static boolean isLiveToken(String authorization) {
        return github.tokens().keySet().stream()
                .map(token -> "Basic "
                        + Base64.getEncoder()
                                .encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.US_ASCII)))
                .anyMatch(authorization::equals);
    }

    /** A key of an App, as GitHub gives it. */
    static String appKey() {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(TestRsa.pair().getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    @AfterAll
    static void stop() {
        gateway.close();
        github.close();
        if (git != null) {
            git.close();
        }
    }

    private static TestAgent task(String template, String agent, String parameters) {
        return TestAgent.start(
                gateway,
                java.net.http.HttpClient.newHttpClient(),
                TestKey.ed25519("agent"),
                HUMAN.token(group(template), ""),
                WORKLOADS.svid("spiffe://example.org/agent/" + agent, RunningGateway.ISSUER),
                "{\"template\":\"" + template + "\",\"parameters\":" + parameters + "}");
    }

    private static String group(String template) {
        return List.of("wide", "clone").contains(template)
                ? "release-managers"
                : template.equals("fix") ? "developers" : "support";
    }

    private static TestAgent fix() {
        return task("fix", "fixer", "{\"owner\":\"acme\",\"repo\":\"app\",\"issue\":\"17\"}");
    }

    private static Map.Entry<String, JsonObject> tokenSince(List<String> before) {
        return github.tokens().entrySet().stream()
                .filter(token -> !before.contains(token.getKey()))
                .findFirst()
                .orElseThrow();
    }

    private static void is(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Errand-Code")).contains(code);
        assertThat(answer.headers().firstValue("Errand-Sent")).contains("no");
    }

    @Test
    void fix_getsATokenForItsRepositoryAndPermissions_whichEndsWithTheTask() throws IOException {
        List<String> before = List.copyOf(github.tokens().keySet());
        TestAgent agent = fix();
        assertThat(agent.get(gateway, AT + "issues/17").statusCode()).isEqualTo(200);
        Map.Entry<String, JsonObject> token = tokenSince(before);
        assertThat(Jcs.canonical(token.getValue()))
                .isEqualTo("{\"permissions\":{\"checks\":\"read\",\"contents\":\"write\",\"issues\":\"read\","
                        + "\"metadata\":\"read\",\"pull_requests\":\"write\"},\"repositories\":[\"app\"]}");
        agent.end(gateway);
        await().until(() -> github.revoked().contains(token.getKey()));
        assertThat(github.tokens()).doesNotContainKey(token.getKey());
        await().until(() -> String.join("\n", gateway.records()).contains("\"what\":\"given-back\""));
        assertThat(String.join("\n", gateway.records())).doesNotContain(token.getKey());
    }

    @Test
    void fix_opensOnePullRequest_andNothingElse() {
        TestAgent agent = fix();
        assertThat(agent.get(gateway, AT + "git/ref/heads/main").statusCode()).isEqualTo(200);
        String ref = "{\"ref\":\"refs/heads/fix-17\",\"sha\":\"a1\"}";
        assertThat(agent.call(gateway, "POST", AT + "git/refs", ref).statusCode())
                .isEqualTo(201);
        assertThat(agent.call(gateway, "PUT", AT + "contents/docs%2Ffixed.md", FILE)
                        .statusCode())
                .isEqualTo(200);
        String pull = "{\"title\":\"fix\",\"base\":\"main\",\"head\":\"fix-17\"}";
        assertThat(agent.call(gateway, "POST", AT + "pulls", pull).statusCode()).isEqualTo(201);
        int sent = github.executed().size();
        is(agent.call(gateway, "POST", AT + "pulls", pull), 403, "rule-violation");
        is(agent.call(gateway, "PUT", AT + "pulls/3/merge", "{}"), 403, "not-granted");
        is(agent.call(gateway, "PUT", AT + "contents/.github%2fworkflows%2Fci.yml", FILE), 403, "not-granted");
        is(agent.get(gateway, "/github/repos/acme/other/contents/README.md"), 403, "constraint-violated");
        assertThat(github.executed()).hasSize(sent);
    }

    @Test
    void fix_asksNoGraphQl() {
        is(fix().call(gateway, "POST", "/github/graphql", "{\"query\":\"{viewer{login}}\"}"), 403, "unknown-operation");
    }

    /** Grants that name no repository: the task has no token, and calls without a permission have none either. */
    @Test
    void wide_getsNoToken() {
        int tokens = github.tokens().size();
        int sent = github.executed().size();
        TestAgent agent = task("wide", "release-bot", "{}");
        is(agent.get(gateway, AT + "issues/17"), 503, "decision-unavailable");
        is(agent.get(gateway, "/github/search/code?q=x"), 503, "decision-unavailable");
        assertThat(github.tokens()).hasSize(tokens);
        assertThat(github.executed()).hasSize(sent);
    }
}
