package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.Patience;
import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.write.GeneratedLog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stop button of a gateway with a long log, through HTTP and on a real Redis; then with the disk of the log full. The log has
 * 5,000 records, or as many as {@code -Derrand.scale.records} says. 5,000,000 records take 7 GB, half of it memory, and some
 * minutes; then the 99th percentile is held to 50 ms. Needs a file system of its own, so the right to mount one.
 */
class InterruptAtScaleIT {
    private static final @Nullable Long WANTED = Long.getLong("errand.scale.records");
    private static final long RECORDS = WANTED == null ? 5_000 : WANTED;
    private static final int TASKS = WANTED == null ? 20 : 200;
    /** Of a few tasks the 99th percentile is the slowest but one, which tells of the machine and not of the log. */
    private static final Duration LONGEST = WANTED == null ? Duration.ofSeconds(2) : Duration.ofMillis(50);

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private Path temporary;

    @Test
    void interrupt_throughHttp_isAnsweredAtOnce_withTheDiskFullToo() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        try (SharedRedis redis = new SharedRedis(temporary)) {
            SigningKeys keys = KeyRing.load(redis.keys());
            SigningKey key = keys.checkpointKey();
            Path written = temporary.resolve("written");
            // Two records a call, about.
            GeneratedLog.write(
                    written, RECORDS / 2, CheckpointSigner.of(key.publicKey().key(), key::sign));
            long bytes = bytes(written);
            long megabytes = (bytes >> 20) * 5 / 4 + (WANTED == null ? 8 : 64);
            assumeTrue(
                    ran("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", disk.toString()),
                    "no right to mount");
            try {
                Path log = disk.resolve("provenance");
                assertThat(ran("cp", "-a", written.toString(), log.toString())).isTrue();
                try (RecordingUpstream upstream = new RecordingUpstream();
                        RunningGateway gateway = RunningGateway.with()
                                .trusting(HUMAN, WORKLOADS)
                                .upstream(upstream)
                                .sharing(redis, redis.keys())
                                .property("errand.provenance.directory", log.toString())
                                .start()) {
                    see(gateway, log, disk.resolve("filler"));
                }
            } finally {
                ran("umount", "-l", disk.toString());
            }
        }
    }

    private static void see(RunningGateway gateway, Path log, Path filler) throws Exception {
        // The index is made anew beside the calls, as after an upgrade; the figure is that of a gateway which has it.
        await().atMost(Duration.ofMinutes(20))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> files(log.resolve("index")) >= segments(log) - 1);
        List<TestAgent> agents = new ArrayList<>();
        for (int i = 0; i < 2 * TASKS + 1; i++) {
            TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
            assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
            agents.add(agent);
        }
        OperatorClient operator = OperatorClient.of(gateway);
        tell("interrupt", interrupted(operator, agents.subList(0, TASKS), true));
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] zeros = new byte[1 << 16];
            while (true) {
                out.write(zeros);
            }
        } catch (IOException full) {
            assertThat(Files.size(filler)).isPositive();
        }
        TestAgent last = agents.get(2 * TASKS);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> last.get(gateway, TestAgent.READ).statusCode() == 503);
        tell("interrupt, disk full", interrupted(operator, agents.subList(TASKS, 2 * TASKS), false));
        Files.delete(filler);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> last.get(gateway, TestAgent.READ).statusCode() == 200);
        assertThat(agents.get(2 * TASKS - 1).get(gateway, TestAgent.READ).statusCode())
                .isEqualTo(401);
    }

    private static long[] interrupted(OperatorClient operator, List<TestAgent> agents, boolean recorded)
            throws Exception {
        long[] nanos = new long[agents.size()];
        for (int i = 0; i < nanos.length; i++) {
            long began = System.nanoTime();
            HttpResponse<String> answer =
                    operator.post("/tasks/" + agents.get(i).task() + "/interrupt", "{\"why\":\"leak\"}");
            nanos[i] = System.nanoTime() - began;
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonObject told = TestAgent.json(answer.body());
            assertThat(told.string("state")).isEqualTo("interrupted");
            assertThat(told.get("recorded")).isEqualTo(new JsonBoolean(recorded));
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static void tell(String what, long[] nanos) {
        long p99 = nanos[nanos.length * 99 / 100 - 1];
        System.out.printf(
                "%s at %d records: p50 %d us, p99 %d us, longest %d us%n",
                what, RECORDS, nanos[nanos.length / 2] / 1000, p99 / 1000, nanos[nanos.length - 1] / 1000);
        assertThat(Duration.ofNanos(p99)).as(what).isLessThan(Patience.of(LONGEST));
    }

    private static long segments(Path log) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(file -> file.toString().endsWith(".jsonl")).count();
        }
    }

    private static long files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".idx")).count();
        }
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            // A file takes whole pages.
            return files.mapToLong(file -> (file.toFile().length() + 4095) / 4096 * 4096)
                    .sum();
        }
    }

    private static boolean ran(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
