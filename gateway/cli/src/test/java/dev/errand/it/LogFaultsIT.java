package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogVerifier;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file system of the provenance log fails under a running gateway: full, and read-only. Needs a file system of its
 * own, so the right to mount one.
 */
class LogFaultsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Duration RECOVERY = Duration.ofSeconds(20);

    @TempDir
    Path disk;

    private RecordingUpstream upstream;
    private RunningGateway gateway;
    private TestAgent agent;
    private Path log;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()), "no right to mount");
        log = disk.resolve("provenance");
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("errand.provenance.directory", log.toString())
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    @AfterEach
    void stop() throws Exception {
        if (gateway != null) {
            gateway.close();
            upstream.close();
        }
        run("umount", "-l", disk.toString());
    }

    @Test
    void call_diskFull_isRefusedUntilThereIsRoomAgain() throws Exception {
        assertThat(read().statusCode()).isEqualTo(200);
        Path filler = disk.resolve("filler");
        fill(filler);
        HttpResponse<String> refused = untilRefused();
        assertUnavailable(refused);
        assertThat(writable()).isZero();
        int sent = upstream.seen().size();
        for (int i = 0; i < 20; i++) {
            assertUnavailable(read());
        }
        assertThat(upstream.seen())
                .as("nothing is forwarded that is not recorded")
                .hasSize(sent);
        assertThat(logHealth())
                .matches("(?s).*\"reason\":\"No space left on device \\(ENOSPC\\); " + log
                        + " has \\d{1,5} bytes free\".*");
        await().atMost(RECOVERY).until(() -> gauge("errand.log.free") < 64 * 1024);

        Files.delete(filler);
        untilServed();
        assertThat(writable()).isEqualTo(1);
        assertThat(logHealth()).doesNotContain("reason");
        await().atMost(RECOVERY).until(() -> gauge("errand.log.free") > 64 * 1024);
        assertThat(gauge("errand.log")).isBetween(1.0, 2.0 * 1024 * 1024);
        assertWhole();
    }

    private double writable() {
        return gauge("errand.log.writable");
    }

    private double gauge(String name) {
        return gateway.context().getBean(MeterRegistry.class).get(name).gauge().value();
    }

    private String logHealth() throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"))
                .strip();
        return TestAgent.HTTP
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort()
                                        + "/actuator/health/provenanceLog"))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void interrupt_diskFull_endsTheTask_andSaysThatTheRecordIsMissing() throws Exception {
        assertThat(read().statusCode()).isEqualTo(200);
        TestAgent other = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        Path filler = disk.resolve("filler");
        fill(filler);
        untilRefused();
        HttpResponse<String> ended = interrupt(agent.task());
        assertThat(ended.statusCode()).isEqualTo(200);
        JsonObject answer = TestAgent.json(ended.body());
        assertThat(answer.string("state")).isEqualTo("interrupted");
        assertThat(answer.get("recorded")).isEqualTo(new JsonValue.JsonBoolean(false));

        Files.delete(filler);
        Instant deadline = Instant.now().plus(RECOVERY);
        while (other.get(gateway, TestAgent.READ).statusCode() != 200) {
            assertThat(Instant.now()).as("recovers by itself").isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        HttpResponse<String> refused = read();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("task-ended");
        HttpResponse<String> recorded = interrupt(other.task());
        assertThat(TestAgent.json(recorded.body()).get("recorded")).isEqualTo(new JsonValue.JsonBoolean(true));
        assertThat(Logs.lines(log)).anyMatch(line -> line.contains("\"kind\":\"operator\"") && line.contains("leak"));
        assertWhole();
    }

    private HttpResponse<String> interrupt(String task) throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"))
                .strip();
        return TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + gateway.managementPort() + "/tasks/" + task + "/interrupt"))
                        .header("Authorization", "Bearer " + token)
                        .POST(HttpRequest.BodyPublishers.ofString("{\"why\":\"leak\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void call_readOnly_isRefusedUntilItCanBeWrittenAgain() throws Exception {
        assertThat(read().statusCode()).isEqualTo(200);
        assumeTrue(
                run("mount", "--bind", log.toString(), log.toString())
                        && run("mount", "-o", "remount,bind,ro", log.toString()),
                "no right to remount");
        HttpResponse<String> refused = untilRefused();
        assertUnavailable(refused);
        int sent = upstream.seen().size();
        assertUnavailable(read());
        assertThat(upstream.seen()).hasSize(sent);

        assertThat(run("umount", log.toString())).isTrue();
        untilServed();
        assertWhole();
    }

    private HttpResponse<String> read() {
        return agent.get(gateway, TestAgent.READ);
    }

    /** The rest of a page, or the time to the next checkpoint, may still hold some records. */
    private HttpResponse<String> untilRefused() throws InterruptedException {
        Instant deadline = Instant.now().plus(RECOVERY);
        while (Instant.now().isBefore(deadline)) {
            HttpResponse<String> answer = read();
            if (answer.statusCode() != 200) {
                return answer;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return fail("calls are still served");
    }

    private void untilServed() throws InterruptedException {
        Instant deadline = Instant.now().plus(RECOVERY);
        while (read().statusCode() != 200) {
            assertThat(Instant.now()).as("recovers by itself").isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static void assertUnavailable(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("decision-unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    /** Every call that the upstream saw is permitted in the log, once, and the log verifies. */
    private void assertWhole() throws Exception {
        int sent = upstream.seen().size();
        gateway.close();
        gateway = null;
        upstream.close();
        long permits = Logs.lines(log).stream()
                .filter(line -> line.contains("\"outcome\":\"permit\""))
                .count();
        assertThat(permits).isEqualTo(sent);
        assertThat(LogVerifier.verify(log, null, null).faults()).isEmpty();
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private static boolean run(String... command) throws Exception {
        return ServerProcess.end(new ProcessBuilder(command), "").exit() == 0;
    }
}
