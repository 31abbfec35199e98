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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No call is forwarded without its debit, whoever is killed by {@code kill -9} while many are under way. */
class KilledUnderLoadIT {
    private static final int CALLERS = 8;

    enum Victim {
        GATEWAY,
        REDIS
    }

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();
    private final TestKey key = TestKey.ed25519("agent");

    @TempDir
    Path temporary;

    @ParameterizedTest
    @EnumSource
    void killed_whileManyCall_nothingWasForwardedWithoutItsDebit(Victim victim) throws Exception {
        Path keys = temporary.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        // What is acknowledged is on disk: otherwise Redis may answer up to two seconds before it writes.
        try (RedisProcess redis = new RedisProcess(temporary.resolve("redis"), "appendfsync always");
                RecordingUpstream upstream = new RecordingUpstream();
                GatewayProcess gateway = new GatewayProcess(RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .sharing(redis.url(), keys))) {
            AgentClient client = new AgentClient(
                    gateway.address(),
                    RunningGateway.ISSUER,
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
            String token = started(client);
            AtomicBoolean over = new AtomicBoolean();
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(CompletableFuture.runAsync(
                        () -> {
                            while (!over.get()) {
                                status(client, token);
                            }
                        },
                        threads));
            }
            RedisProcess.until("many are under way", () -> upstream.seen().size() > 100);
            if (victim == Victim.GATEWAY) {
                gateway.killAndStartAgain();
            } else {
                redis.kill();
                RedisProcess.until("calls are refused", () -> status(client, token) == 503);
                redis.start();
            }
            int before = upstream.seen().size();
            RedisProcess.until("calls pass again", () -> upstream.seen().size() > before + 50);
            over.set(true);
            callers.forEach(CompletableFuture::join);
            RedisProcess.until("a call passes", () -> status(client, token) == 200);
            long forwarded = upstream.seen().size();
            assertThat(debits(gateway.log())).isGreaterThanOrEqualTo(forwarded);
            System.out.println(victim + " killed: " + forwarded + " forwarded, " + debits(gateway.log()) + " debited");
        } finally {
            threads.shutdownNow();
        }
    }

    private String started(AgentClient client) {
        return String.valueOf(client.start(
                        key.agent(),
                        new AgentClient.Start(
                                human.token(),
                                "jwt",
                                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}"),
                                null))
                .string("access_token"));
    }

    private int status(AgentClient client, String token) {
        try {
            return client.call(key.agent(), token, List.of(), "GET", TestAgent.READ, Map.of(), null)
                    .statusCode();
        } catch (RuntimeException killed) {
            return 0;
        }
    }

    /** What the task's state had counted, as the records of permitted calls say. */
    private static long debits(Path log) throws Exception {
        return Logs.lines(log).stream()
                .filter(line -> line.contains("\"outcome\":\"permit\""))
                .map(TestAgent::json)
                .mapToLong(record -> 100_000
                        - Long.parseLong(((JsonNumber) record.object("budgets").get("calls")).text()))
                .max()
                .orElseThrow();
    }
}
