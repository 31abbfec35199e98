package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a route of git over HTTP, request by request beside the logs of a real Gitea. */
@Tag("gitea")
class GitAuditIT {
    @TempDir
    private static Path directory;

    private static GiteaServer server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new GiteaServer(directory);
        server.repository("app", "README.txt", "of app");
        comparison = new Comparison("git", server, GitAuditIT::words);
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        }
    }

    /** The two requests of which git makes a fetch or a push. */
    static String words(String operation, String resource) {
        String service = operation.equals("fetch") ? "git-upload-pack" : "git-receive-pack";
        String function = operation.equals("fetch") ? "repo.ServiceUploadPack" : "repo.ServiceReceivePack";
        String repository = resource.toLowerCase(Locale.ROOT);
        return "repo.GetInfoRefs /" + repository + "/info/refs?service=" + service + '\n' + function + " /" + repository
                + '/' + service;
    }

    @Test
    void requests_areNamedAsTheLogNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String repository : List.of("app.git", "app", "app.wiki.git", "none.git", "app.git.git")) {
            for (String service : List.of("git-upload-pack", "git-receive-pack", "git-upload-archive", "none")) {
                String path = "/errand/" + repository;
                all.add(comparison.one(
                        "GET", path + "/info/refs", "?service=" + service, "Git-Protocol: version=2\r\n", ""));
                all.add(comparison.one(
                        "POST",
                        path + '/' + service,
                        "",
                        "Content-Type: application/x-" + service + "-request\r\n",
                        "0000"));
            }
        }
        for (String query : List.of(
                "",
                "?service=",
                "?service=git-upload-pack&service=git-receive-pack",
                "?service=git-receive-pack&service=git-upload-pack",
                "?service=git-upload-pack&go-get=1",
                "?SERVICE=git-upload-pack",
                "?service=git%2dupload-pack",
                "?service=GIT-UPLOAD-PACK")) {
            all.add(comparison.one("GET", "/errand/app.git/info/refs", query, "", ""));
        }
        all.add(comparison.one(
                "POST",
                "/errand/app.git/info/lfs/objects/batch",
                "",
                "Content-Type: application/vnd.git-lfs+json\r\n",
                "{\"operation\":\"download\",\"objects\":[]}"));
        for (String path : List.of("/HEAD", "/objects/info/packs", "/config", "/src/branch/main", "", "/settings")) {
            all.add(comparison.one("GET", "/errand/app.git" + path, "", "", ""));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, () -> {})).isEqualTo(17);
    }

    @Test
    void oddSpellings_areNamedAsTheLogNamesThemOrRefused() {
        String type = "Content-Type: application/x-git-upload-pack-request\r\n";
        assertAll(
                () -> comparison.table(
                        comparison.base("GET", "/errand/app.git/info/refs", "?service=git-upload-pack", "", ""),
                        () -> {},
                        4,
                        Map.of()),
                () -> comparison.table(
                        comparison.base("POST", "/errand/app.git/git-upload-pack", "", type, "0000"),
                        () -> {},
                        4,
                        Map.of()));
        assertThat(server.unread()).isEmpty();
    }

    @Test
    void mutations_areNamedAsTheLogNamesThemOrRefused() {
        List<String> keys = List.of("service", "go-get", "x");
        int passed = comparison.mutations(
                comparison.base("GET", "/errand/app.git/info/refs", "?service=git-upload-pack", "", ""),
                () -> {},
                keys);
        passed += comparison.mutations(
                comparison.base(
                        "POST",
                        "/errand/app.git/git-upload-pack",
                        "",
                        "Content-Type: application/x-git-upload-pack-request\r\n",
                        "0000"),
                () -> {},
                keys);
        passed += comparison.mutations(
                comparison.base("GET", "/errand/app.git/info/refs", "?service=git-receive-pack", "", ""),
                () -> {},
                keys);
        assertThat(passed).isPositive();
    }
}
