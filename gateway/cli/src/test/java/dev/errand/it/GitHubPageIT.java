package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of docs/github.md in their order, with a server made from GitHub's document in the place of GitHub. */
@Tag("github-clients")
class GitHubPageIT {
    private static final Page PAGE = new Page("docs/github.md");
    private static final Path REPOSITORY = RunningGateway.repository();

    @TempDir
    private Path directory;

    @Test
    void steps_openOnePullRequest_andAreRefusedWhatThePageSays() throws Exception {
        Path modules = RealServer.program("github-clients", "github-node/node_modules");
        Files.createSymbolicLink(directory.resolve("node_modules"), modules);
        Files.createSymbolicLink(directory.resolve("examples"), REPOSITORY.resolve("examples"));
        Files.writeString(
                Files.createDirectory(directory.resolve("Downloads")).resolve("of-the-app.private-key.pem"),
                GitHubAppIT.appKey());
        try (StandInGitHub github = new StandInGitHub();
                ErrandShell shell = new ErrandShell(directory)) {
            List<String> gateway =
                    PAGE.block("./errand init --dev mine").lines().toList();
            shell.init(gateway.get(0));
            shell.succeeded(
                    String.join("\n", gateway.subList(1, gateway.size())).replace("~/", ""));
            addToApplication(github);
            shell.succeeded("./errand check --config mine --credentials");
            assertThat(github.revoked())
                    .as("the token of the check is given back")
                    .hasSize(1);
            shell.run("./errand run --config mine");
            Files.writeString(directory.resolve("fix.mjs"), PAGE.block("const main ="));
            assertThat(shell.succeeded(shell.ported(PAGE.block("./errand token svid --dev mine --template fix"))))
                    .contains("opened 3");
            Files.writeString(directory.resolve("refused.mjs"), PAGE.block("const file ="));
            String said = shell.succeeded(shell.ported(PAGE.block("# a human's token starts one task")));
            assertThat(said.replaceAll("decision d-[^)]*", "decision d-…"))
                    .as("what the agent reads")
                    .contains(PAGE.block("403 errand: not-granted"))
                    .doesNotContain("passed");
            assertThat(github.executed())
                    .extracting(StandInGitHub.Executed::operation)
                    .containsExactly(
                            "git/get-ref", "git/create-ref", "repos/create-or-update-file-contents", "pulls/create");
            await().until(() -> github.revoked().size() == 2 && github.tokens().isEmpty());
        }
    }

    /** The route and the credential of the page, at the stand-in. */
    private void addToApplication(StandInGitHub github) throws Exception {
        String route = PAGE.block("spring.cloud.gateway.server.webflux:")
                .replaceFirst("(?s)^.*\n  routes:\n", "")
                .replace("https://api.github.com", github.uri());
        String upstream = PAGE.block("errand.upstreams:")
                .replaceFirst("(?s)^errand.upstreams:\n", "")
                .replace("{app-id:", "{api: \"" + github.uri() + "\", app-id:")
                .indent(2);
        Path application = directory.resolve("mine/application.yaml");
        Files.writeString(
                application,
                Files.readString(application)
                        .replaceFirst("(?m)^  routes:\n", Matcher.quoteReplacement("  routes:\n" + route))
                        .replaceFirst("(?m)^  upstreams:\n", Matcher.quoteReplacement("  upstreams:\n" + upstream)));
    }
}
