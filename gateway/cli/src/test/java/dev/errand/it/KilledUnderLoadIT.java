package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.jose.KeyRing;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.state.redis.RedisProcess;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No call is forwarded without its debit, whoever is killed by {@code kill -9} while many are under way. */
class KilledUnderLoadIT {
    private static final int CALLERS = 8;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final TestKey KEY = TestKey.ed25519("agent");

    enum Victim {
        GATEWAY,
        REDIS
    }

    @TempDir
    private static Path temporary;

    private static RedisProcess redis;
    private static RecordingUpstream upstream;
    private static GatewayProcess gateway;
    private static AgentClient client;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        Path keys = temporary.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        // What is acknowledged is on disk: otherwise Redis may answer up to two seconds before it writes.
        redis = new RedisProcess(temporary.resolve("redis"), "appendfsync always");
        upstream = new RecordingUpstream();
        gateway = new GatewayProcess(RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis.url(), keys));
        client = new AgentClient(
                gateway.address(),
                RunningGateway.ISSUER,
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
        token = String.valueOf(client.start(
                        KEY.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}"),
                                null))
                .string("access_token"));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
        redis.close();
    }

    @ParameterizedTest
    @EnumSource
    void killed_whileManyCall_nothingWasForwardedWithoutItsDebit(Victim victim) throws Exception {
        upstream.forget();
        long debitedBefore = debits();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(threads.submit(() -> {
                    while (!over.get()) {
                        if (status() != 200) {
                            // The processors are for whoever starts again.
                            TimeUnit.MILLISECONDS.sleep(50);
                        }
                    }
                    return null;
                }));
            }
            RedisProcess.until("many are under way", () -> upstream.seen().size() > 100);
            if (victim == Victim.GATEWAY) {
                gateway.killAndStartAgain();
            } else {
                redis.kill();
                RedisProcess.until("calls are refused", () -> status() == 503);
                redis.start();
            }
            int before = upstream.seen().size();
            RedisProcess.until("calls pass again", () -> upstream.seen().size() > before + 50);
            over.set(true);
            for (Future<?> caller : callers) {
                caller.get();
            }
        } finally {
            threads.shutdownNow();
        }
        RedisProcess.until("a call passes", () -> status() == 200);
        long forwarded = upstream.seen().size();
        long debited = debits() - debitedBefore;
        System.out.println(victim + " killed: " + forwarded + " forwarded, " + debited + " debited");
        assertThat(debited).isGreaterThanOrEqualTo(forwarded);
    }

    private static int status() {
        try {
            return client.call(KEY.agent(), token, List.of(), "GET", TestAgent.READ, Map.of(), null)
                    .statusCode();
        } catch (RuntimeException killed) {
            return 0;
        }
    }

    /** What the task's state had counted, as the records of permitted calls say. */
    private static long debits() throws Exception {
        return Logs.lines(gateway.log()).stream()
                .filter(line -> line.contains("\"outcome\":\"permit\""))
                .map(TestAgent::json)
                .mapToLong(record -> 100_000
                        - Long.parseLong(((JsonNumber) record.object("budgets").get("calls")).text()))
                .max()
                .orElse(0);
    }
}
