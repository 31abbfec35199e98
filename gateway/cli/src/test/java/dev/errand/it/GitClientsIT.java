package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code git} as it is installed, against a real Gitea, with the catalogue and the grants of the page on Gitea. What the task
 * grants works. What it does not grant is refused, and the command ends with an error.
 */
@Tag("gitea")
class GitClientsIT {
    private static final Page PAGE = new Page("docs/operations/git.md");

    @TempDir
    private static Path directory;

    private static GiteaServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new GiteaServer(directory);
        server.repository("app", "APP.md", "of app");
        server.repository("lib", "LIB.md", "of lib");
        server.repository("other", "OTHER.md", "of other");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private Client git(SigningProxy proxy, String... configuration) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOME", directory.toString(),
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_TRACE_CURL_NO_DATA", "1",
                "GIT_AUTHOR_NAME", "Agent",
                "GIT_AUTHOR_EMAIL", "agent@example.org",
                "GIT_COMMITTER_NAME", "Agent",
                "GIT_COMMITTER_EMAIL", "agent@example.org",
                "LC_ALL", "C"));
        environment.put("GIT_CONFIG_COUNT", Integer.toString(configuration.length / 2));
        for (int i = 0; i < configuration.length / 2; i++) {
            environment.put("GIT_CONFIG_KEY_" + i, configuration[2 * i]);
            environment.put("GIT_CONFIG_VALUE_" + i, configuration[2 * i + 1]);
        }
        return new Client(proxy, environment, List.of("git"));
    }

    private static FrontedServer gitRoute() {
        return Client.fronted("git", server, PAGE.grants("# git clone"));
    }

    @Test
    void git_clonesFetchesAndPushesInsideItsTask() throws Exception {
        server.settle();
        int executed = server.executed().size();
        try (FrontedServer fronted = gitRoute();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client git = git(proxy);
            String at = proxy.address() + "/git/errand/";
            Path copy = directory.resolve("copy");
            Path second = directory.resolve("second");
            git.succeeds("", "clone", at + "app.git", copy.toString());
            assertThat(permits(fronted)).as("a clone").isEqualTo(3);
            git.succeeds("", "clone", "--depth=1", at + "app.git", second.toString());
            git.succeeds("refs/heads/main", "ls-remote", at + "lib.git");
            Files.writeString(copy.resolve("notes.txt"), "of the agent");
            git.succeeds("", "-C", copy.toString(), "add", "notes.txt");
            git.succeeds("", "-C", copy.toString(), "commit", "-m", "Add notes");
            long before = permits(fronted);
            git.succeeds("main -> main", "-C", copy.toString(), "push", "origin", "main");
            assertThat(permits(fronted) - before).as("a push").isEqualTo(2);
            git.succeeds("main", "-C", second.toString(), "pull", "--ff-only");
            assertThat(second.resolve("notes.txt")).hasContent("of the agent");
            git.succeeds("new branch", "-C", copy.toString(), "push", "origin", "main:refs/heads/work");
            git.succeeds("deleted", "-C", copy.toString(), "push", "origin", ":refs/heads/work");
            assertThat(Client.named(fronted)).containsExactlyInAnyOrder("git:fetch", "git:push");

            git.fails("clone", at + "other.git", directory.resolve("none").toString());
            git.fails("clone", at + "app", directory.resolve("none").toString());
            git.fails("clone", at + "app.wiki.git", directory.resolve("none").toString());
            git.fails("ls-remote", at + "lib/../other.git");
            git.fails("ls-remote", at + "OTHER.git");
            git.succeeds("main", "ls-remote", at + "APP.git");
            assertThat(git.fails("ls-remote", at + "other.git")).contains("The requested URL returned error: 403");
            git.succeeds("", "-C", copy.toString(), "remote", "add", "lib", at + "lib.git");
            git.fails("-C", copy.toString(), "push", "--force", "lib", "main");
            assertThat(proxy.headers()).contains("git-protocol");
            Client.executedIsNamed(fronted, server, executed, GitAuditIT::words);
            assertThat(server.call("GET", "/api/v1/repos/errand/app/contents/notes.txt", "")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.call("GET", "/api/v1/repos/errand/lib/contents/notes.txt", "")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    /** Files of LFS lie at addresses, with credentials, that only the server's answers name. */
    @Test
    @Tag("git-lfs")
    void gitLfs_isRefused_andShowsWhy() throws Exception {
        RealServer.program("git-lfs", "");
        server.settle();
        try (FrontedServer fronted = gitRoute();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client git = git(proxy);
            Path copy = directory.resolve("lfs");
            git.succeeds("", "clone", proxy.address() + "/git/errand/app.git", copy.toString());
            git.succeeds("", "-C", copy.toString(), "checkout", "-b", "lfs");
            git.succeeds("", "-C", copy.toString(), "lfs", "install", "--local");
            git.succeeds("", "-C", copy.toString(), "lfs", "track", "*.bin");
            Files.write(copy.resolve("a.bin"), new byte[4096]);
            git.succeeds("", "-C", copy.toString(), "add", ".");
            git.succeeds("", "-C", copy.toString(), "commit", "-m", "Add a large file");
            assertThat(git.fails("-C", copy.toString(), "push", "origin", "lfs"))
                    .contains("info/lfs")
                    .doesNotContain("lfs -> lfs");
            assertThat(fronted.gateway().records()).anyMatch(line -> line.contains("\"code\":\"unknown-operation\""));
            // The pointers are ordinary files.
            git.succeeds("lfs -> lfs", "-C", copy.toString(), "push", "--no-verify", "origin", "lfs");
        }
    }

    @Test
    void git_largePacks_streamBothWays() throws Exception {
        try (FrontedServer fronted = gitRoute();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            // A body longer than the buffer goes in chunks, behind a probe of four bytes.
            Client git = git(proxy, "http.postBuffer", "65536", "core.compression", "0");
            String at = proxy.address() + "/git/errand/app.git";
            Path copy = directory.resolve("large");
            git.succeeds("", "clone", at, copy.toString());
            byte[] content = new byte[24 << 20];
            new SecureRandom().nextBytes(content);
            Files.write(copy.resolve("large.bin"), content);
            git.succeeds("", "-C", copy.toString(), "checkout", "-b", "large");
            git.succeeds("", "-C", copy.toString(), "add", "large.bin");
            git.succeeds("", "-C", copy.toString(), "commit", "-m", "Add much");
            Client traced = new Client(proxy, with(git.environment(), "GIT_TRACE_CURL", "1"), git.program());
            assertThat(traced.succeeds("large -> large", "-C", copy.toString(), "push", "origin", "large"))
                    .containsIgnoringCase("Send header: Transfer-Encoding: chunked");
            Path again = directory.resolve("again");
            git.succeeds("", "clone", "--branch=large", at, again.toString());
            assertThat(again.resolve("large.bin")).hasBinaryContent(content);
        }
    }

    @Test
    void git_manyRefs_goCompressed() throws Exception {
        try (FrontedServer fronted = gitRoute();
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client git = git(proxy);
            // Past the gateway: a repository with 40 branches.
            Path many = directory.resolve("many");
            String past = server.uri().replace("http://", "http://errand:" + server.gatewaysToken() + '@');
            git.succeeds("", "clone", past + "/errand/lib.git", many.toString());
            List<String> push = new ArrayList<>(List.of("-C", many.toString(), "push", "origin"));
            for (int i = 0; i < 40; i++) {
                git.succeeds("", "-C", many.toString(), "commit", "--allow-empty", "-m", "Commit " + i);
                push.add("HEAD~" + i + ":refs/heads/branch-" + i);
            }
            git.succeeds("branch-39", push.toArray(String[]::new));
            // More than 1024 bytes of wants go with Content-Encoding: gzip.
            Path copy = directory.resolve("refs");
            Client traced = new Client(proxy, with(git.environment(), "GIT_TRACE_CURL", "1"), git.program());
            assertThat(traced.succeeds("", "clone", proxy.address() + "/git/errand/lib.git", copy.toString()))
                    .containsIgnoringCase("Send header: Content-Encoding: gzip");
            git.succeeds("branch-39", "-C", copy.toString(), "branch", "--remotes");
        }
    }

    @Test
    void git_pushesInsideThePagesTemplate_andNotOutsideIt() throws Exception {
        server.call("POST", "/api/v1/orgs", "{\"username\":\"acme\"}");
        for (String name : List.of("payments", "other")) {
            server.call("POST", "/api/v1/orgs/acme/repos", "{\"name\":\"" + name + "\",\"auto_init\":true}");
        }
        try (FrontedServer fronted = FrontedServer.ofPage(
                        "git", server.uri(), server.credential(), PAGE, "push-change", "{\"repo\":\"payments\"}");
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client git = git(proxy);
            String at = proxy.address() + "/git/acme/";
            Path copy = directory.resolve("payments");
            git.succeeds("", "clone", at + "payments.git", copy.toString());
            Files.writeString(copy.resolve("change.txt"), "of the agent");
            git.succeeds("", "-C", copy.toString(), "add", "change.txt");
            git.succeeds("", "-C", copy.toString(), "commit", "-m", "Change");
            git.succeeds("main -> main", "-C", copy.toString(), "push", "origin", "main");
            git.fails("-C", copy.toString(), "push", at + "other.git", "main");
            git.fails("-C", copy.toString(), "push", at + "OTHER.git", "main");
            git.fails("ls-remote", at + "other.git");
        }
    }

    private static long permits(FrontedServer fronted) {
        return fronted.gateway().records().stream()
                .filter(line -> "permit".equals(Jws.object(line).string("outcome")))
                .count();
    }

    private static Map<String, String> with(Map<String, String> environment, String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return more;
    }
}
