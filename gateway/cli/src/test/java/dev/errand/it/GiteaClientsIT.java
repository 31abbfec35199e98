package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code curl} as it is installed, and Gitea's own library for Go, against the API of a real Gitea, with the grants and templates of
 * the pages. What the task grants works. What it does not grant is refused, and the command ends with an error.
 */
@Tag("gitea")
class GiteaClientsIT {
    private static final Page PAGE = new Page("docs/operations/gitea.md");
    private static final String WORKFLOW = """
            on: {workflow_dispatch: {}}
            jobs: {one: {runs-on: none, steps: [{run: "true"}]}}
            """;

    private static final Pattern RUN = Pattern.compile("run ([0-9]+) ");

    @TempDir
    private static Path directory;

    private static GiteaServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new GiteaServer(directory);
        server.repository("app", ".gitea/workflows/build.yml", WORKFLOW);
        server.repository("other", "OTHER.md", "of other");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void curl_dispatchesAWorkflowInsideItsTask() throws Exception {
        server.settle();
        int before = server.executed().size();
        try (FrontedServer fronted = Client.fronted("ci", server, PAGE.grants("# curl"));
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client curl = new Client(
                    proxy,
                    Map.of("HOME", directory.toString()),
                    List.of("curl", "--silent", "--show-error", "--fail-with-body", "--json"));
            String at = proxy.address() + "/ci/api/v1/repos/errand/app/actions/";
            String dispatches = at + "workflows/build.yml/dispatches";
            curl.succeeds("", "{\"ref\":\"main\"}", dispatches);
            Client get = new Client(
                    proxy,
                    Map.of("HOME", directory.toString()),
                    List.of("curl", "--silent", "--show-error", "--fail-with-body", "--path-as-is"));
            get.succeeds("build.yml", at + "workflows");
            get.succeeds("total_count", at + "runs?status=queued");
            get.succeeds("build.yml", at + "runs/1");
            get.succeeds("total_count", at + "runs/1/jobs");
            get.succeeds("total_count", at + "runs/1/artifacts");
            get.succeeds("version", proxy.address() + "/ci/api/v1/version");
            assertThat(Client.named(fronted))
                    .containsExactlyInAnyOrder(
                            "ci:workflow.dispatch",
                            "ci:workflow.list",
                            "ci:run.list",
                            "ci:run.get",
                            "ci:run.jobs",
                            "ci:run.artifacts",
                            "ci:version");
            assertThat(curl.fails("{\"ref\":\"other\"}", dispatches)).contains("constraint-violated");
            assertThat(curl.fails("{\"ref\":\"main\",\"inputs\":{\"a\":\"b\"}}", dispatches))
                    .contains("constraint-violated");
            assertThat(get.fails("--request", "DELETE", at + "runs/1")).contains("not-granted");
            assertThat(get.fails(at + "secrets")).contains("unknown-operation");
            assertThat(get.fails(at + "runs/../secrets")).contains("malformed-request");
            assertThat(get.fails("--header", "Sudo: root", at + "runs/1")).contains("malformed-request");
            for (String closed :
                    List.of("runs?created=2026", "runs?sudo=root", "runs?token=x", "runs?access_token=x")) {
                assertThat(get.fails(at + closed)).as(closed).contains("malformed-request");
            }
            assertThat(curl.fails("{\"ref\":\"main\"}", dispatches + "?return_run_details=true"))
                    .contains("constraint-violated");
            for (String filter : List.of("runs?actor=errand", "runs?head_sha=0")) {
                assertThat(get.fails(at + filter)).as(filter).contains("constraint-violated");
            }
            assertThat(get.fails(proxy.address() + "/ci/api/v1/repos/errand/other/actions/runs"))
                    .contains("constraint-violated");
            Client.executedIsNamed(fronted, server, before, GiteaAuditIT::words);
        }
    }

    @Test
    void curl_dispatchesInsideThePagesTemplate_andNotOutsideIt() throws Exception {
        acme();
        try (FrontedServer fronted = nightly();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client curl = new Client(
                    proxy,
                    Map.of("HOME", directory.toString()),
                    List.of("curl", "--silent", "--show-error", "--fail-with-body"));
            String at = proxy.address() + "/ci/api/v1/repos/acme/payments/actions/";
            String dispatches = at + "workflows/nightly.yaml/dispatches";
            curl.fails("--json", "{\"ref\":\"other\"}", dispatches);
            curl.succeeds("", "--json", "{\"ref\":\"main\"}", dispatches);
            curl.succeeds("total_count", at + "runs?status=queued");
            curl.fails(at + "workflows");
            curl.fails(
                    "--json",
                    "{\"ref\":\"main\"}",
                    at.replace("payments", "other") + "workflows/nightly.yaml/dispatches");
        }
    }

    private static void acme() {
        server.call("POST", "/api/v1/orgs", "{\"username\":\"acme\"}");
        server.call("POST", "/api/v1/orgs/acme/repos", "{\"name\":\"payments\",\"auto_init\":true}");
        String workflow = java.util.Base64.getEncoder()
                .encodeToString(WORKFLOW.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        server.call(
                "POST",
                "/api/v1/repos/acme/payments/contents/.gitea/workflows/nightly.yaml",
                "{\"content\":\"" + workflow + "\",\"message\":\"Add a workflow\"}");
    }

    private static FrontedServer nightly() {
        return FrontedServer.ofPage(
                "ci",
                server.uri(),
                server.credential(),
                new Page("docs/operations/ci.md"),
                "nightly",
                "{\"repo\":\"payments\"}");
    }

    /** What fails has a task of its own, since refusals that repeat end a task. */
    @Test
    @Tag("gitea-sdk")
    void libraryForGo_worksInsideThePagesTemplate_andFailsOutsideIt() throws Exception {
        acme();
        server.settle();
        int before = server.executed().size();
        try (FrontedServer fronted = nightly();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client own = library(proxy, "acme", "payments");
            own.succeeds("dispatched", "dispatch", "nightly.yaml", "main");
            Matcher run = RUN.matcher(own.succeeds("nightly.yaml", "runs"));
            assertThat(run.find()).isTrue();
            own.succeeds("nightly.yaml", "run", run.group(1));
            assertThat(Client.named(fronted))
                    .containsExactlyInAnyOrder("ci:version", "ci:workflow.dispatch", "ci:run.list", "ci:run.get");
            Client.executedIsNamed(
                    fronted,
                    server,
                    before,
                    (operation, resource) ->
                            GiteaAuditIT.words(operation, resource).replace("runs/1", "runs/" + run.group(1)));
        }
        try (FrontedServer fronted = nightly();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client own = library(proxy, "acme", "payments");
            own.fails("dispatch", "nightly.yaml", "other");
            own.fails("dispatch", "other.yaml", "main");
            own.fails("artifacts", "1");
            library(proxy, "acme", "other").fails("runs");
            assertThat(Client.named(fronted)).containsExactly("ci:version");
        }
    }

    private static Client library(SigningProxy proxy, String owner, String repository) {
        return new Client(
                proxy,
                Map.of("HOME", directory.toString()),
                List.of(
                        RealServer.program("gitea-sdk", "gitea-sdk/gitea-client")
                                .toString(),
                        proxy.address() + "/ci",
                        owner,
                        repository));
    }
}
