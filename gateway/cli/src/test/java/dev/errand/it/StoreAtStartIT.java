package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.FreePort;
import dev.errand.Patience;
import dev.errand.cli.Errand;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that cannot be used from the start: one that refuses the gateway, and one that is away. */
class StoreAtStartIT {
    @TempDir
    Path directory;

    private RunningGateway.Builder gateway(String store) throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        return RunningGateway.with()
                .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                .sharing(store, keys);
    }

    @Test
    void wrongPassword_doesNotStart_andSaysSoWithoutThePassword() throws Exception {
        try (RedisProcess redis =
                new RedisProcess(directory.resolve("redis"), "requirepass right-one").password("right-one")) {
            RunningGateway.Builder gateway = gateway("redis://:wrong-one@127.0.0.1:" + redis.port());
            assertThatThrownBy(gateway::start)
                    .hasStackTraceContaining("errand.state.redis: redis://***@127.0.0.1:" + redis.port()
                            + " refuses the user or the password")
                    .satisfies(failure -> assertThat(failure.toString()).doesNotContain("wrong-one"));
        }
    }

    @Test
    void wrongPasswordFile_isToldWithItsPlace() throws Exception {
        Path password = Files.writeString(directory.resolve("password"), "wrong-one\n");
        try (RedisProcess redis =
                new RedisProcess(directory.resolve("redis"), "requirepass right-one").password("right-one")) {
            List<String> said = refused(gateway("redis://127.0.0.1:1")
                    .property("errand.state.redis", "redis://127.0.0.1:" + redis.port())
                    .property("errand.state.password", "file:" + password));
            assertThat(said)
                    .singleElement()
                    .asString()
                    .matches("errand run: application.yaml:\\d+:\\d+: "
                            + "errand.state.password: redis://127.0.0.1:\\d+ refuses the user or the password \\(WRONGPASS.*\\): "
                            + "write the password that the server has into file:.*");
        }
    }

    @Test
    void awayAndNotWaitedFor_endsAtOnce() throws Exception {
        long begin = System.nanoTime();
        List<String> said =
                refused(gateway("redis://127.0.0.1:" + FreePort.next()).property("errand.state.wait", "0"));
        assertThat(said)
                .singleElement()
                .asString()
                .matches(
                        "errand run: application.yaml:\\d+:\\d+: "
                                + "errand.state.redis: no answer from redis://127.0.0.1:\\d+ \\(.*Connection refused.*\\): start Redis .*");
        assertThat(System.nanoTime() - begin)
                .isLessThan(Patience.of(Duration.ofSeconds(20)).toNanos());
    }

    @Test
    void silentInTheHandshake_isToldWithItsPhase_andTheProcessIsGoneWithinFiveSeconds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Process process = run(gateway("rediss://127.0.0.1:" + silent.getLocalPort())
                    .property("errand.state.wait", "0")
                    .property("errand.state.connect-timeout", "500ms"));
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                String said = lines.lines()
                        .filter(line -> line.startsWith("errand run: application.yaml:"))
                        .findFirst()
                        .orElseThrow();
                long told = System.nanoTime();
                assertThat(said)
                        .contains("errand.state.redis: no answer in time from rediss://127.0.0.1:")
                        .contains("(the TLS handshake was not over within 500 ms)")
                        .contains("raise errand.state.connect-timeout")
                        .doesNotContain("start Redis", "PEM");
                assertThat(lines.lines()).noneMatch(line -> line.startsWith("errand is ready"));
                assertThat(process.waitFor()).isEqualTo(1);
                assertThat(System.nanoTime() - told)
                        .isLessThan(Patience.of(Duration.ofSeconds(5)).toNanos());
            }
        }
    }

    @Test
    void awayForTheWholeWait_ends() throws Exception {
        List<String> said =
                failed(gateway("redis://127.0.0.1:" + FreePort.next()).property("errand.state.wait", "1s"));
        assertThat(said)
                .anyMatch(line -> line.matches("errand run: no answer from the state store at redis://.*"
                        + " waiting for it for 1 s, readiness is down"));
        assertThat(said.get(said.size() - 1)).contains("errand.state.redis: no answer from redis://127.0.0.1:");
        assertThat(said).noneMatch(line -> line.contains("errand is ready"));
    }

    /** What {@code errand run} says in this process, where it does not start. */
    private static List<String> refused(RunningGateway.Builder builder) {
        List<String> words =
                new ArrayList<>(List.of("run", "--config", builder.prepare().toString()));
        words.addAll(builder.arguments());
        StringWriter said = new StringWriter();
        int exit = Errand.commandLine().setErr(new PrintWriter(said, true)).execute(words.toArray(String[]::new));
        assertThat(exit).as(said.toString()).isEqualTo(1);
        return said.toString().lines().filter(line -> line.startsWith("errand")).toList();
    }

    /** What it printed but for its log, before it ended with 1. */
    private static List<String> failed(RunningGateway.Builder builder) throws Exception {
        Process process = run(builder);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(1);
        return said.lines().filter(line -> line.startsWith("errand")).toList();
    }

    private static Process run(RunningGateway.Builder builder) throws Exception {
        Path configuration = builder.prepare();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(StartArchive.options());
        command.addAll(List.of(
                "-Xmx256m",
                "-cp",
                StartArchive.CLASS_PATH,
                "dev.errand.cli.Errand",
                "run",
                "--config",
                configuration.toString()));
        command.addAll(builder.arguments());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void away_isWaitedFor_withReadinessDown_andThenServes() throws Exception {
        RedisProcess redis = new RedisProcess(directory.resolve("redis"));
        redis.kill();
        int traffic = FreePort.next();
        int operator = FreePort.next();
        Process process = run(gateway(redis.url())
                .property("server.port", "" + traffic)
                .property("management.server.port", "" + operator));
        try {
            for (int i = 0; i < 2_000 && status(operator, "/actuator/health/liveness") != 200; i++) {
                TimeUnit.MILLISECONDS.sleep(30);
            }
            assertThat(status(operator, "/actuator/health/readiness")).isEqualTo(503);
            assertThat(status(traffic, "/.well-known/jwks.json")).isEqualTo(200);
            redis.start();
            RedisProcess.until("it is ready", () -> status(operator, "/actuator/health/readiness") == 200);
        } finally {
            // Not the process itself, which would close its streams.
            process.toHandle().destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            redis.close();
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).containsSubsequence("waiting for it for 60 s, readiness is down", "errand is ready: ");
    }

    private static int status(int port, String path) {
        try {
            return TestAgent.HTTP
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (Exception notYet) {
            return 0;
        }
    }
}
