package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a CI route, request by request beside the access log of a real Gitea. */
@Tag("gitea")
class GiteaAuditIT {
    private static final String REPOSITORY = "/api/v1/repos/errand/app";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String WORKFLOW = """
            on: {workflow_dispatch: {}, push: {}}
            jobs: {one: {runs-on: none, steps: [{run: "true"}]}}
            """;

    /** What Gitea's router has no path or no method for (404, 405), and a body that it refuses before the function (422). */
    private static final Map<String, Set<String>> UNHEARD = Comparison.nothing(
            "HEAD " + REPOSITORY + "/actions/runs",
            "GET /api/v1/pipelines/app/runs",
            "POST /api/v1/pipelines/app/runs",
            "a dispatch without ref");

    @TempDir
    private static Path directory;

    private static GiteaServer server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new GiteaServer(directory);
        server.repository("app", ".gitea/workflows/build.yml", WORKFLOW);
        comparison = new Comparison("ci", server, GiteaAuditIT::words);
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        }
    }

    /** An operation as the function of Gitea that does it, and the path that its resource stands for, as Gitea reads it. */
    static String words(String operation, String resource) {
        String[] parts = resource.split("/");
        String repository = parts[0] + '/' + (parts.length > 1 ? parts[1] : "");
        String actions = "/api/v1/repos/" + repository.toLowerCase(Locale.ROOT) + "/actions/";
        String last = parts[parts.length - 1];
        return switch (operation) {
            case "workflow.list" -> "repo.ActionsListRepositoryWorkflows " + actions + "workflows";
            case "workflow.get" -> "repo.ActionsGetWorkflow " + actions + "workflows/" + last;
            case "workflow.dispatch" -> "repo.ActionsDispatchWorkflow " + actions + "workflows/" + last + "/dispatches";
            case "run.list" -> "actions.API.ListWorkflowRuns " + actions + "runs";
            // The resource is the repository: the run's number is not in it.
            case "run.get" -> "repo.GetWorkflowRun " + actions + "runs/1";
            case "run.jobs" -> "repo.ListWorkflowRunJobs " + actions + "runs/1/jobs";
            case "run.artifacts" -> "repo.GetArtifactsOfRun " + actions + "runs/1/artifacts";
            case "run.rerun" -> "repo.RerunWorkflowRun " + actions + "runs/1/rerun";
            case "job.list" -> "actions.API.ListWorkflowJobs " + actions + "jobs";
            case "job.get" -> "repo.GetWorkflowJob " + actions + "jobs/1";
            case "artifact.list" -> "repo.GetArtifacts " + actions + "artifacts";
            case "artifact.get" -> "repo.GetArtifact " + actions + "artifacts/1";
            case "artifact.delete" -> "repo.DeleteArtifact " + actions + "artifacts/1";
            case "artifact.download" ->
                "repo.DownloadArtifact " + actions + "artifacts/1/zip\nrepo.DownloadArtifactRaw " + actions
                        + "artifacts/1/zip/raw";
            case "version" -> "misc.Version /api/v1/version";
            case "run.delete" -> "repo.DeleteActionRun " + actions + "runs/1";
            case "job.log" -> "repo.DownloadActionsRunJobLogs " + actions + "jobs/1/logs";
            default -> operation + ' ' + resource;
        };
    }

    @Test
    void requests_areNamedAsTheLogNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String query : List.of(
                "",
                "?status=success",
                "?branch=main",
                "?event=push",
                "?page=1&limit=5",
                "?actor=errand",
                "?head_sha=0",
                "?status=success&status=failure",
                "?created=2026",
                "?zzz=1",
                "?sudo=errand",
                "?access_token=x",
                "?token=x")) {
            all.add(comparison.one("GET", REPOSITORY + "/actions/runs", query, "", ""));
        }
        for (String path : List.of(
                "/actions/workflows",
                "/actions/workflows/build.yml",
                "/actions/workflows/none.yml",
                "/actions/runs/1",
                "/actions/runs/1/jobs",
                "/actions/jobs/1/logs",
                "/actions/runs/1/artifacts",
                "/actions/runs/1/artifacts?name=a",
                "/actions/runs/1/jobs?status=queued&page=1&limit=2",
                "/actions/jobs",
                "/actions/jobs?status=queued",
                "/actions/jobs/1",
                "/actions/artifacts",
                "/actions/artifacts?name=a&page=1&limit=1",
                "/actions/artifacts/1",
                "/actions/artifacts/1/zip",
                "/actions/artifacts/1/zip/raw",
                "/actions/artifacts/1/zip/raw?sig=x&expires=1",
                "/actions/runners",
                "/actions/tasks",
                "/actions/secrets",
                "/actions/variables",
                "/contents/README.md",
                "/branches",
                "/hooks",
                "")) {
            int mark = path.indexOf('?');
            String alone = mark < 0 ? path : path.substring(0, mark);
            String query = mark < 0 ? "" : path.substring(mark);
            all.add(comparison.one("GET", REPOSITORY + alone, query, "", ""));
            all.add(comparison.one("DELETE", REPOSITORY + alone, query, "", ""));
        }
        all.add(comparison.one("GET", "/api/v1/version", "", "", ""));
        all.add(comparison.one("POST", REPOSITORY + "/actions/runs/1/rerun", "", JSON, ""));
        all.add(comparison.one("POST", REPOSITORY + "/actions/runs/1/cancel", "", JSON, ""));
        all.add(comparison.one(
                "POST",
                REPOSITORY + "/actions/workflows/build.yml/dispatches",
                "?return_run_details=true",
                JSON,
                "{\"ref\":\"main\"}"));
        all.add(comparison.one(
                "POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", JSON, "{\"ref\":\"main\"}"));
        all.add(comparison.one(
                "POST",
                REPOSITORY + "/actions/workflows/build.yml/dispatches",
                "",
                JSON,
                "{\"ref\":\"refs/heads/main\",\"inputs\":{}}"));
        all.add(comparison
                .base("POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", JSON, "{}")
                .as("a dispatch without ref"));
        all.add(comparison.one(
                "POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", "Sudo: errand\r\n" + JSON, "{}"));
        all.add(comparison.one("HEAD", REPOSITORY + "/actions/runs", "", "", ""));
        all.add(comparison.one("GET", "/api/v1/pipelines/app/runs", "", "", ""));
        all.add(comparison.one("POST", "/api/v1/pipelines/app/runs", "", JSON, "{}"));
        all.add(comparison.one("GET", "/api/v1/admin/users", "", "", ""));
        all.add(comparison.one("GET", "/api/v1/user", "", "", ""));
        all.add(comparison.one("POST", "/api/v1/user/repos", "", JSON, "{\"name\":\"x\"}"));
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, () -> {}, UNHEARD)).isGreaterThanOrEqualTo(25);
    }

    @Test
    void oddSpellings_areNamedAsTheLogNamesThemOrRefused() {
        String dispatches = REPOSITORY + "/actions/workflows/build.yml/dispatches";
        assertAll(
                () -> comparison.table(
                        comparison.base("GET", REPOSITORY + "/actions/runs", "", "", ""), () -> {}, 9, Map.of()),
                () -> comparison.table(
                        comparison.base("POST", dispatches, "", JSON, "{\"ref\":\"main\"}"), () -> {}, 8, Map.of()));
        assertThat(server.unread()).isEmpty();
    }

    @Test
    void mutations_areNamedAsTheLogNamesThemOrRefused() {
        List<String> keys = List.of("status", "branch", "page", "limit", "sudo", "token", "return_run_details", "x");
        int passed =
                comparison.mutations(comparison.base("GET", REPOSITORY + "/actions/runs", "", "", ""), () -> {}, keys);
        passed += comparison.mutations(
                comparison.base(
                        "POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", JSON, "{\"ref\":\"main\"}"),
                () -> {},
                keys);
        passed += comparison.mutations(
                comparison.base("GET", REPOSITORY + "/actions/workflows/build.yml", "", "", ""), () -> {}, keys);
        assertThat(passed).isPositive();
        assertThat(server.unread()).isEmpty();
    }
}
