package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Letter case at a real Gitea. */
@Tag("gitea")
class GiteaLetterCaseIT {
    @TempDir
    private Path directory;

    /** What Gitea takes for one repository, grants take for one. */
    @Test
    void letterCase_isOneRepositoryToGrants() throws Exception {
        String allow = """
                  ci:run.list: {resource: {exact: Errand/App}}
                  ci:workflow.list: {resource: {not_one_of: [errand/Secret]}}
                """;
        try (GiteaServer server = new GiteaServer(directory);
                FrontedServer fronted = Client.fronted("ci", server, allow)) {
            server.repository("app", "APP.md", "of app");
            server.repository("secret", "SECRET.md", "of secret");
            for (String repository : List.of("errand/app", "ERRAND/app", "Errand/App", "errand/%41PP")) {
                assertThat(status(fronted, repository + "/actions/runs"))
                        .as(repository)
                        .isEqualTo(200);
            }
            assertThat(status(fronted, "errand/secret/actions/runs")).isEqualTo(403);
            assertThat(status(fronted, "errand/app/actions/workflows")).isEqualTo(200);
            for (String repository : List.of("errand/secret", "errand/SECRET", "ERRAND/secret", "errand/s%45cret")) {
                assertThat(status(fronted, repository + "/actions/workflows"))
                        .as(repository)
                        .isEqualTo(403);
            }
            // The long s is an s to some servers.
            assertThat(status(fronted, "errand/%c5%bfecret/actions/workflows")).isEqualTo(400);
            assertThat(fronted.gateway().records()).anyMatch(line -> line.contains("\"ERRAND/app\""));
        }
    }

    private static int status(FrontedServer fronted, String path) {
        return fronted.agent()
                .get(fronted.gateway(), "/ci/api/v1/repos/" + path)
                .statusCode();
    }
}
