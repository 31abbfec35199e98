package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.holder.AgentException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Time to zero authority: three replicas, a task that calls at each of them and holds a stream at two, and one call that violates its
 * plan. By the upstream's own clock: its last request, the end of its streams, and the death of each replica's credential, counted from
 * when the violating call was sent. {@code load-tests/zero} runs it more often.
 */
class ZeroAuthorityIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = "/vault/v1/secret/data/a";
    private static final String STREAM = "/vault/v1/secret/data/stream";
    /** What a busy machine may take; what is measured is measured by the upstream. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int RUNS = Integer.getInteger("errand.zero.runs", 5);

    @TempDir
    private Path directory;

    private final List<RunningGateway> replicas = new ArrayList<>();

    @Test
    void violation_endsCallsStreamsAndCredentials() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (SharedRedis redis = new SharedRedis(directory);
                ZeroUpstream upstream = new ZeroUpstream()) {
            Path keys = CredentialKeysFile.in(directory);
            try {
                for (int i = 0; i < 3; i++) {
                    replicas.add(replica(redis, upstream, keys));
                }
                Times refused = new Times("refused on every replica");
                Times cut = new Times("streams cut");
                Times dead = new Times("credentials dead");
                Times zero = new Times("all of it");
                for (int run = 0; run < RUNS; run++) {
                    long[] millis = run(upstream, threads);
                    refused.add(millis[0]);
                    cut.add(millis[1]);
                    dead.add(millis[2]);
                    zero.add(Math.max(millis[0], Math.max(millis[1], millis[2])));
                }
                for (Times times : List.of(refused, cut, dead, zero)) {
                    System.out.println("zero: " + times);
                    assertThat(times.percentile(0.99)).as("%s", times).isLessThan((long) (2_000 * Patience.factor()));
                }
            } finally {
                replicas.forEach(RunningGateway::close);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static RunningGateway replica(SharedRedis redis, ZeroUpstream upstream, Path keys) {
        String template = FrontedServer.template("  vault:kv.read: {}\n  vault:kv.write: {}\n")
                .replace(
                        "on-violation: {",
                        "sequence: [{\"vault:kv.read\": \"0..*\"}]\non-violation: {sequence: interrupt, ");
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("vault", upstream.uri(), List.of("UpstreamCredential=vault")))
                .file("tasks/work.yaml", template)
                .sharing(redis, redis.keys())
                .property("errand.credential-keys", "file:" + keys)
                .property("errand.upstreams.vault.vault-login.url", upstream.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault")
                .start();
    }

    private static void allDead(ZeroUpstream.Seen seen) {
        assertThat(seen.tokens()).as("tokens").isBetween(3, 6);
        assertThat(seen.dead()).as("dead tokens").isEqualTo(seen.tokens());
    }

    /** Milliseconds from the violating call to the last request, to the end of the last stream, to the last death of a token. */
    private long[] run(ZeroUpstream upstream, ExecutorService threads) throws Exception {
        TestAgent agent = TestAgent.start(
                replicas.get(0),
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
        for (RunningGateway replica : replicas) {
            await().atMost(PATIENCE).until(() -> agent.get(replica, READ).statusCode() == 200);
        }
        AtomicBoolean on = new AtomicBoolean(true);
        AtomicInteger permitted = new AtomicInteger();
        List<Future<?>> calling = new ArrayList<>();
        try (Socket one = stream(replicas.get(1), agent);
                Socket two = stream(replicas.get(2), agent)) {
            await().atMost(PATIENCE).until(() -> upstream.streams() == 2);
            for (RunningGateway replica : replicas) {
                calling.add(threads.submit(() -> {
                    while (on.get()) {
                        permitted.addAndGet(isPermitted(agent, replica) ? 1 : 0);
                    }
                    return null;
                }));
            }
            await().atMost(PATIENCE).until(() -> permitted.get() >= 30);
            assertThat(upstream.seen(agent.task()).tokens())
                    .as("a token at each replica")
                    .isEqualTo(3);
            assertThat(one.isClosed() || two.isClosed()).isFalse();
            long violated = System.nanoTime();
            assertThat(agent.call(replicas.get(0), "POST", READ, "{}").statusCode())
                    .isEqualTo(403);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
                assertThat(upstream.streams()).as("open streams").isZero();
                allDead(upstream.seen(agent.task()));
            });
            // Whoever still got through would show up now.
            Thread.sleep(200);
            on.set(false);
            for (Future<?> each : calling) {
                each.get();
            }
            // A replica whose call met a dead token may have got another before it learnt of the end, and gave it back
            // unused.
            await().atMost(PATIENCE).untilAsserted(() -> allDead(upstream.seen(agent.task())));
            ZeroUpstream.Seen seen = upstream.seen(agent.task());
            return new long[] {
                millis(violated, seen.requestNanos()),
                millis(violated, seen.streamEndNanos()),
                millis(violated, seen.deadNanos())
            };
        } finally {
            on.set(false);
        }
    }

    private static long millis(long from, long to) {
        return Math.max(0, Duration.ofNanos(to - from).toMillis());
    }

    private static boolean isPermitted(TestAgent agent, RunningGateway replica) {
        try {
            return agent.get(replica, READ).statusCode() == 200;
        } catch (AgentException brokenOff) {
            return false;
        }
    }

    private static Socket stream(RunningGateway replica, TestAgent agent) throws Exception {
        Socket socket = new Socket("127.0.0.1", replica.port());
        String request = "GET " + STREAM + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                + agent.dpop("GET", STREAM) + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** Milliseconds of several runs. */
    private static final class Times {
        private final String what;
        private final List<Long> millis = new ArrayList<>();

        Times(String what) {
            this.what = what;
        }

        void add(long one) {
            millis.add(one);
        }

        long percentile(double share) {
            List<Long> sorted = new ArrayList<>(millis);
            Collections.sort(sorted);
            return sorted.get((int) Math.ceil(sorted.size() * share) - 1);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: p50 %d ms, p99 %d ms, longest %d ms (%d runs)",
                    what,
                    percentile(0.5),
                    percentile(0.99),
                    percentile(1),
                    millis.size());
        }
    }
}
