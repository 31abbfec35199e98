package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of README's "Your own upstream", run as they stand in a shell; only ports are others. */
class FirstRunIT {
    private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    private final List<String> blocks = new ArrayList<>();
    private ErrandShell shell;

    @BeforeEach
    void read() throws IOException {
        shell = new ErrandShell(directory);
        String readme = Files.readString(RunningGateway.repository().resolve("README.md"));
        String section =
                readme.substring(readme.indexOf("## Your own upstream\n"), readme.indexOf("## Ask me above 50\n"));
        Matcher matcher = SHELL.matcher(section);
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        assertThat(blocks).hasSize(3);
    }

    @AfterEach
    void stop() throws InterruptedException {
        shell.close();
    }

    private static String only(String line, String block) {
        return block.lines()
                .filter(each -> each.startsWith("./errand " + line))
                .findFirst()
                .orElseThrow();
    }

    /** As README says it, with the ports of this test. */
    private String start(String init, String run) throws Exception {
        shell.init(init);
        return shell.run(run);
    }

    /** Runs commands of which one asks for a task, and allows it. */
    private String allowed(String commands) throws Exception {
        try (DevAsking asking = DevAsking.begin(shell, commands)) {
            asking.allow();
            return asking.output();
        }
    }

    /** A working directory with a configuration of Spring Boot's default places, as the root of a repository may be. */
    private void foreign() throws IOException {
        String other = "errand: {mode: observe, trust-domain: other.example}\n";
        Files.writeString(directory.resolve("application.yaml"), other);
        Files.writeString(Files.createDirectory(directory.resolve("config")).resolve("application.yaml"), other);
    }

    @Test
    void threeCommands_andAClick_leadToAPermittedCall() throws Exception {
        foreign();
        String ready = start(only("init", blocks.get(0)), only("run", blocks.get(0)));
        assertThat(ready)
                .isEqualTo("errand is ready: traffic http://127.0.0.1:" + shell.port() + "; operator http://127.0.0.1:"
                        + shell.operator() + "; token file "
                        + directory.toRealPath().resolve("mine/data/operator-token")
                        + "; mode enforce; templates triage; routes tickets; store embedded");
        String answers = allowed(blocks.get(1));
        assertThat(answers)
                .contains("\"ticket\":\"17\"", "\"human\":\"alice\"", "\"agent\":\"spiffe://dev.invalid/agent/triage\"")
                .contains("\"operation\":\"tickets:ticket.read\"", "\"code\":\"constraint-violated\"");
        Matcher decision = Pattern.compile("\"decision\":\"(d-[^\"]+)\"").matcher(answers);
        assertThat(decision.find()).isTrue();
        assertThat(shell.ran(shell.ported(blocks.get(2))
                        .replace("DECISION=d-…", "DECISION=" + decision.group(1))
                        .replace("verify/", RunningGateway.repository() + "/verify/")))
                .contains(
                        "denied: constraint-violated",
                        "tasks/triage.yaml:10:3: tickets:ticket.read: {resource: {exact:")
                .contains("proof.json: ok: record ")
                .doesNotContain("fault");
        assertThat(shell.ran("curl -s http://127.0.0.1:" + shell.port() + "/tickets/v1/tickets/17"))
                .contains("authentication-required");
    }

    @Test
    void anUpstreamOfOnesOwn_isReadAndNotWritten() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            start(only("init", blocks.get(0)) + " --upstream " + upstream.uri(), only("run", blocks.get(0)));
            String answers = allowed(
                    "./errand agent --ask --dev mine --template explore -- sh -c"
                            + " 'curl -s \"$ERRAND_ROUTE_API/v1/items?page=2\"; curl -s -X DELETE $ERRAND_ROUTE_API/v1/items/1'");
            assertThat(answers).contains("\"code\":\"not-granted\"");
            assertThat(upstream.seen()).hasSize(1);
        }
    }
}
