package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a CI route, request by request beside the access log of a real Gitea. */
@Tag("gitea")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class GiteaAuditIT {
    private static final String REPOSITORY = "/api/v1/repos/errand/app";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String WORKFLOW = """
            on: {workflow_dispatch: {}, push: {}}
            jobs: {one: {runs-on: none, steps: [{run: "true"}]}}
            """;

    @TempDir
    private static Path directory;

    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        GiteaServer server = new GiteaServer(directory);
        server.call("POST", "/api/v1/user/repos", "{\"name\":\"app\",\"auto_init\":true}");
        String content = Base64.getEncoder().encodeToString(WORKFLOW.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        server.call(
                "POST",
                REPOSITORY + "/contents/.gitea/workflows/build.yml",
                "{\"content\":\"" + content + "\",\"message\":\"add\"}");
        comparison = new Comparison("ci", server, GiteaAuditIT::words);
    }

    @AfterAll
    static void stop() {
        comparison.close();
    }

    /** An operation as its method, and the path that its resource stands for; what a path has besides is one star. */
    private static String words(String operation, String resource) {
        String[] parts = resource.split("/");
        String repository = "/api/v1/repos/" + parts[0] + '/' + (parts.length > 1 ? parts[1] : "");
        String last = parts[parts.length - 1];
        return switch (operation) {
            case "workflow.list" -> "GET " + repository + "/actions/workflows";
            case "workflow.get" -> "GET " + repository + "/actions/workflows/" + last;
            case "workflow.dispatch" -> "POST " + repository + "/actions/workflows/" + last + "/dispatches";
            case "run.list" -> "GET " + repository + "/actions/runs";
            case "run.get" -> "GET " + repository + "/actions/runs/1";
            case "run.jobs" -> "GET " + repository + "/actions/runs/1/jobs";
            case "run.delete" -> "DELETE " + repository + "/actions/runs/1";
            case "job.log" -> "GET " + repository + "/actions/jobs/1/logs";
            case "pipeline.trigger" -> "POST /api/v1/pipelines/" + resource + "/runs";
            case "pipeline.list" -> "GET /api/v1/pipelines/" + resource + "/runs";
            case "pipeline.get" -> "GET /api/v1/pipelines/" + resource + "/runs/1";
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
                "/actions/secrets",
                "/actions/variables",
                "/contents/README.md",
                "/branches",
                "/hooks",
                "")) {
            all.add(comparison.one("GET", REPOSITORY + path, "", "", ""));
            all.add(comparison.one("DELETE", REPOSITORY + path, "", "", ""));
        }
        all.add(comparison.one(
                "POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", JSON, "{\"ref\":\"main\"}"));
        all.add(comparison.one(
                "POST",
                REPOSITORY + "/actions/workflows/build.yml/dispatches",
                "",
                JSON,
                "{\"ref\":\"refs/heads/main\",\"inputs\":{}}"));
        all.add(comparison.one("POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", JSON, "{}"));
        all.add(comparison.one(
                "POST", REPOSITORY + "/actions/workflows/build.yml/dispatches", "", "Sudo: errand\r\n" + JSON, "{}"));
        all.add(comparison.one("HEAD", REPOSITORY + "/actions/runs", "", "", ""));
        all.add(comparison.one("GET", "/api/v1/pipelines/app/runs", "", "", ""));
        all.add(comparison.one("POST", "/api/v1/pipelines/app/runs", "", JSON, "{}"));
        all.add(comparison.one("GET", "/api/v1/admin/users", "", "", ""));
        all.add(comparison.one("GET", "/api/v1/user", "", "", ""));
        all.add(comparison.one("POST", "/api/v1/user/repos", "", JSON, "{\"name\":\"x\"}"));
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, () -> {})).isGreaterThan(15);
    }

    @Test
    void oddSpellings_areNamedAsTheLogNamesThemOrRefused() {
        comparison.run(Spelling.of(comparison.base("GET", REPOSITORY + "/actions/runs", "", "", "")), () -> {});
    }
}
