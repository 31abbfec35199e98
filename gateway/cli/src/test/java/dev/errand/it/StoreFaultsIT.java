package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.jose.KeyRing;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import dev.errand.state.redis.link.RedisLink;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The state store's faults, really made, against a running gateway with the default state timeout: every call is refused in
 * time, nothing is forwarded, and the gateway is back by itself. The table of docs/failures.md has these faults.
 */
class StoreFaultsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String SECRET = "correct-horse";
    /** The state timeout, signing the proof, and what a busy machine adds. */
    private static final Duration SOON = Duration.ofMillis(400);
    /** A second, and what a busy machine adds. */
    private static final Duration RECOVERY = Duration.ofMillis(2000);

    @TempDir
    static Path directory;

    private static Path keys;
    private static RedisProcess redis;
    private static TcpProxy network;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private TestAgent agent;

    @BeforeAll
    static void start() throws Exception {
        keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        redis = new RedisProcess(directory.resolve("redis"));
        network = new TcpProxy(redis.port());
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis.url(network.port()), keys)
                .property("errand.state.timeout", "50ms")
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
        network.close();
        redis.close();
    }

    @BeforeEach
    void task() throws Exception {
        agent = started();
        called();
        upstream.forget();
    }

    @AfterEach
    void whole() {
        network.delay(Duration.ZERO);
        network.mend();
    }

    /** A task, once the gateway gives one. */
    private static TestAgent started() throws Exception {
        TestAgent[] started = new TestAgent[1];
        RedisProcess.until("a task is started", () -> {
            try {
                started[0] = TestAgent.explore(gateway, HUMAN, WORKLOADS);
                return true;
            } catch (RuntimeException unavailable) {
                return false;
            }
        });
        return started[0];
    }

    private void called() throws Exception {
        RedisProcess.until(
                "a call passes", () -> agent.get(gateway, TestAgent.READ).statusCode() == 200);
    }

    private static final Duration A_WHILE = Duration.ofMillis(1200);

    enum Fault {
        STOPPED(() -> redis.kill(), () -> redis.start(), A_WHILE),
        HUNG(() -> redis.signal("STOP"), () -> redis.signal("CONT"), A_WHILE),
        SLOW_BY_200_MILLIS(() -> network.delay(Duration.ofMillis(200)), () -> network.delay(Duration.ZERO), A_WHILE),
        NETWORK_CUT_FOR_5_SECONDS(() -> network.cut(), () -> network.mend(), Duration.ofSeconds(5)),
        NETWORK_CUT_FOR_5_SECONDS_AND_CONNECTIONS_LOST(
                () -> network.cut(), () -> network.mendWithoutTheConnections(), Duration.ofSeconds(5)),
        CONNECTIONS_LOST_AT_ONCE(() -> network.cut(), () -> network.mendWithoutTheConnections(), Duration.ZERO),
        READ_ONLY_REPLICA(
                () -> redis.command("REPLICAOF", "127.0.0.1", "1"),
                () -> redis.command("REPLICAOF", "NO", "ONE"),
                A_WHILE),
        WRONG_PASSWORD(
                () -> {
                    redis.command("CONFIG", "SET", "requirepass", SECRET);
                    redis.password(SECRET);
                    network.disconnect();
                },
                () -> {
                    redis.command("CONFIG", "SET", "requirepass", "");
                    redis.password("");
                },
                A_WHILE);

        private final Act make;
        private final Act mend;
        private final Duration lasts;

        Fault(Act make, Act mend, Duration lasts) {
            this.make = make;
            this.mend = mend;
            this.lasts = lasts;
        }
    }

    @FunctionalInterface
    private interface Act {
        void run() throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void fault_refusesInTime_forwardsNothing_opensTheBreaker_isOverWithinASecond(Fault fault) throws Exception {
        long used = used();
        fault.make.run();
        try {
            assertRefused(8);
            RedisProcess.until("the breaker opens", () -> {
                assertRefused(1);
                return breakerOpen();
            });
            TimeUnit.NANOSECONDS.sleep(fault.lasts.toNanos());
            assertRefused(3);
            if (!fault.lasts.isZero()) {
                assertThat(health("readiness")).isEqualTo(fault == Fault.READ_ONLY_REPLICA ? 200 : 503);
            }
            assertThat(health("liveness")).isEqualTo(200);
            assertThat(upstream.seen()).isEmpty();
        } finally {
            fault.mend.run();
        }
        Duration recovery = recovered();
        System.out.println(fault + ": over after " + recovery.toMillis() + " ms");
        assertThat(upstream.seen()).hasSize(1);
        assertThat(used() - used)
                .as("what was sent was debited")
                .isGreaterThanOrEqualTo(upstream.seen().size());
    }

    private void assertRefused(int calls) {
        for (int i = 0; i < calls; i++) {
            long before = System.nanoTime();
            HttpResponse<String> answer = agent.get(gateway, TestAgent.READ);
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("decision-unavailable");
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            assertThat(took).isLessThan(Patience.of(SOON));
        }
    }

    private Duration recovered() throws Exception {
        long begin = System.nanoTime();
        while (agent.get(gateway, TestAgent.READ).statusCode() != 200) {
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Patience.of(RECOVERY));
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static boolean breakerOpen() {
        return !gateway.context().getBean(RedisLink.class).breakerState().equals("CLOSED");
    }

    private static int health(String group) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/" + group);
        return TestAgent.HTTP
                .send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
                .statusCode();
    }

    /** Calls debited to the task so far, as the record of the last permitted call says. */
    private long used() {
        JsonObject last = gateway.records().stream()
                .filter(line -> line.contains(agent.task()) && line.contains("\"outcome\":\"permit\""))
                .reduce((a, b) -> b)
                .map(TestAgent::json)
                .orElseThrow();
        return 100_000 - Long.parseLong(((JsonNumber) last.object("budgets").get("calls")).text());
    }

    @Test
    void flushed_endsOurTasks_andStartsOthers() throws Exception {
        redis.command("FLUSHALL");
        RedisProcess.until("the task is over", () -> {
            HttpResponse<String> answer = agent.get(gateway, TestAgent.READ);
            assertThat(answer.statusCode()).isNotEqualTo(200);
            return answer.statusCode() == 401
                    && "task-ended".equals(TestAgent.json(answer.body()).string("code"));
        });
        assertThat(upstream.seen()).isEmpty();
        agent = started();
        called();
    }

    @Test
    void failedOver_whileTheOldMasterStaysConnectedAsAReplica_goesOnWithTheTask() throws Exception {
        long used = used();
        try (RedisProcess second =
                new RedisProcess(directory.resolve("second"), "replicaof 127.0.0.1 " + redis.port())) {
            RedisProcess.until(
                    "the replica has it all",
                    () -> second.info("replication", "master_link_status").equals("up")
                            && second.info("replication", "slave_repl_offset")
                                    .equals(redis.info("replication", "master_repl_offset")));
            Attempt seen = Attempt.by(agent);
            RedisProcess.until("a call passes", () -> seen.send(gateway).status() == 200);
            redis.command("WAIT", "1", "5000");
            upstream.forget();

            second.command("REPLICAOF", "NO", "ONE");
            network.leadTo(second.port());
            redis.command("REPLICAOF", "127.0.0.1", "" + second.port());
            System.out.println("FAILED_OVER: over after " + recovered().toMillis() + " ms");
            assertThat(upstream.seen()).hasSize(1);
            assertThat(used()).isGreaterThanOrEqualTo(used + 2);
            assertThat(seen.send(gateway).status()).as("its proof is used").isEqualTo(401);

            redis.command("REPLICAOF", "NO", "ONE");
            network.leadTo(redis.port());
            network.disconnect();
        }
    }
}
