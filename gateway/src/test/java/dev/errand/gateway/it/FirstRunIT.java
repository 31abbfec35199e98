package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of README's "Your own upstream", run as they stand in a shell; only ports are others. */
class FirstRunIT {
    private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Duration LONGEST = Duration.ofSeconds(120);

    @TempDir
    private Path directory;

    private final List<String> blocks = new ArrayList<>();
    private int port;
    private int operator;
    private Process running;

    @BeforeEach
    void read() throws IOException {
        port = GatewayProcess.freePort();
        operator = GatewayProcess.freePort();
        String readme = Files.readString(RunningGateway.repository().resolve("README.md"));
        String section =
                readme.substring(readme.indexOf("## Your own upstream\n"), readme.indexOf("## One real tool\n"));
        Matcher matcher = SHELL.matcher(section);
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        assertThat(blocks).hasSize(3);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
            running.waitFor(30, TimeUnit.SECONDS);
        }
    }

    /** Runs commands with an {@code errand} made of the classes of this build. */
    private Process shell(String commands, String output) throws IOException {
        String errand = "\"" + System.getProperty("java.home") + File.separator + "bin" + File.separator
                + "java\" -Xmx256m -cp \"$ERRAND_CLASSES\" dev.errand.gateway.cli.Errand";
        Path script = directory.resolve("errand");
        Files.writeString(script, "#!/bin/sh\nexec " + errand + " \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", commands)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve(output).toFile())
                .redirectError(directory.resolve(output + ".err").toFile());
        builder.environment().put("ERRAND_CLASSES", System.getProperty("java.class.path"));
        return builder.start();
    }

    private String ran(String commands) throws Exception {
        Process process = shell(commands, "shell");
        assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return read("shell") + read("shell.err");
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private static String only(String line, String block) {
        return block.lines()
                .filter(each -> each.startsWith("./errand " + line))
                .findFirst()
                .orElseThrow();
    }

    /** As README says it, with the ports of this test. */
    private String start(String init, String run) throws Exception {
        assertThat(ran(init + " --port " + port)).contains("a configuration for this machine");
        running = shell("exec " + run + " --management.server.port=" + operator, "run");
        Instant deadline = Instant.now().plus(LONGEST);
        while (!read("run").contains("errand is ready")) {
            assertThat(running.isAlive()).as(read("run") + read("run.err")).isTrue();
            assertThat(Instant.now()).isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return read("run")
                .lines()
                .filter(line -> line.startsWith("errand is ready"))
                .findFirst()
                .orElseThrow();
    }

    private String ported(String commands) {
        return commands.replace("8080", Integer.toString(port))
                .replace("token start -q", "token start -q --gateway http://127.0.0.1:" + port);
    }

    /** A working directory with a configuration of Spring Boot's default places, as the root of a repository may be. */
    private void foreign() throws IOException {
        String other = "errand: {mode: observe, trust-domain: other.example}\n";
        Files.writeString(directory.resolve("application.yaml"), other);
        Files.writeString(Files.createDirectory(directory.resolve("config")).resolve("application.yaml"), other);
    }

    @Test
    void threeCommands_leadToAPermittedCall() throws Exception {
        foreign();
        String ready = start(only("init", blocks.get(0)), only("run", blocks.get(0)));
        assertThat(ready)
                .isEqualTo(
                        "errand is ready: traffic http://127.0.0.1:" + port + "; operator http://127.0.0.1:" + operator
                                + "; token file " + directory.toRealPath().resolve("mine/data/operator-token")
                                + "; mode enforce; templates triage; routes tickets; store embedded");
        String third = blocks.get(0).substring(blocks.get(0).indexOf("TOKEN="));
        String answers = ran(ported(third + blocks.get(1)));
        assertThat(answers)
                .contains("\"ticket\":\"17\"", "\"human\":\"alice\"", "\"agent\":\"spiffe://dev.invalid/agent/triage\"")
                .contains("\"operation\":\"tickets:ticket.read\"", "\"code\":\"constraint-violated\"");
        Matcher decision = Pattern.compile("\"decision\":\"(d-[^\"]+)\"").matcher(answers);
        assertThat(decision.find()).isTrue();
        assertThat(ran(ported(blocks.get(2))
                        .replace("DECISION=d-…", "DECISION=" + decision.group(1))
                        .replace("docs/verify/", RunningGateway.repository() + "/docs/verify/")))
                .contains(
                        "denied: constraint-violated", "tasks/triage.yaml:8:3: tickets:ticket.read: {resource: {exact:")
                .contains("proof.json: ok: record ")
                .doesNotContain("fault");
        assertThat(ran("curl -s http://127.0.0.1:" + port + "/tickets/v1/tickets/17"))
                .contains("authentication-required");
    }

    @Test
    void anUpstreamOfOnesOwn_isReadAndNotWritten() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            start(only("init", blocks.get(0)) + " --upstream " + upstream.uri(), only("run", blocks.get(0)));
            String third = blocks.get(0)
                    .substring(blocks.get(0).indexOf("TOKEN="))
                    .replace("--template triage --param ticket=17", "--template explore");
            String call = blocks.get(1).substring(0, blocks.get(1).indexOf("call GET"));
            String answers = ran(ported(third + call) + "call GET http://127.0.0.1:" + port + "/api/v1/items?page=2\n"
                    + "call DELETE http://127.0.0.1:" + port + "/api/v1/items/1\n");
            assertThat(answers).contains("\"code\":\"not-granted\"");
            assertThat(upstream.seen()).hasSize(1);
        }
    }
}
