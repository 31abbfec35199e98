package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogVerifier;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that dies by {@code kill -9} and starts again on the same directory: tasks go on, the log is whole. */
@Tag("faults")
class KilledGatewayIT {
    private static final String READ = "/vault/v1/secret/data/docs/payments/a";
    private static final String BODY = "{\"data\":{\"password\":\"a-secret-of-the-body\"}}";
    private static final String ANSWER = "{\"data\":\"a-secret-of-the-answer\"}";

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();

    @TempDir
    Path temporary;

    private static AgentClient client(GatewayProcess gateway) {
        return new AgentClient(
                gateway.address(),
                RunningGateway.ISSUER,
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build());
    }

    private TestAgent start(AgentClient client) {
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = client.start(
                key.agent(),
                new AgentClient.Start(
                        human.token(),
                        "jwt",
                        workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                        Jws.object("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}"),
                        null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    private static HttpResponse<String> read(AgentClient client, TestAgent agent) {
        return client.call(agent.key().agent(), agent.token(), List.of(), "GET", READ, Map.of(), null);
    }

    @Test
    void gateway_killedAndStartedAgain_goesOnWithTheTaskAndKeepsTheLogWhole() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream();
                GatewayProcess gateway = new GatewayProcess(
                        RunningGateway.with().trusting(human, workloads).upstream(upstream))) {
            AgentClient client = client(gateway);
            TestAgent agent = start(client);
            for (int i = 0; i < 5; i++) {
                assertThat(read(client, agent).statusCode()).isEqualTo(200);
            }
            gateway.killAndStartAgain();
            assertThat(read(client, agent).statusCode()).isEqualTo(200);
            client.end(agent.key().agent(), agent.token(), List.of());
            assertThat(read(client, agent).statusCode()).isEqualTo(401);
            gateway.stop();

            assertThat(upstream.seen()).hasSize(6);
            assertThat(permits(gateway.log())).hasSize(6);
            assertThat(LogVerifier.verify(gateway.log(), null, null).faults()).isEmpty();
        }
    }

    @Test
    void tenThousandCallsOf50Tasks_killedThreeTimes_areAllInTheLogOnce_andNoSecretIs() throws Exception {
        int calls = 10_000;
        try (SharedRedis redis = new SharedRedis(temporary);
                RecordingUpstream upstream = new RecordingUpstream();
                GatewayProcess gateway = new GatewayProcess(RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .sharing(redis, redis.keys()))) {
            upstream.answer(seen -> RecordingUpstream.Answer.of(200, ANSWER));
            AgentClient client = client(gateway);
            List<TestAgent> agents =
                    Stream.generate(() -> start(client)).limit(50).toList();
            AtomicInteger made = new AtomicInteger();
            ExecutorService callers = Executors.newFixedThreadPool(12);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                SplittableRandom random = new SplittableRandom(i);
                running.add(callers.submit(() -> {
                    while (made.incrementAndGet() <= calls) {
                        call(client, agents.get(random.nextInt(agents.size())), random.nextInt(5));
                    }
                }));
            }
            for (int kill = 1; kill <= 3; kill++) {
                while (made.get() < kill * calls / 4) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                gateway.killAndStartAgain();
            }
            for (Future<?> caller : running) {
                caller.get(5, TimeUnit.MINUTES);
            }
            callers.shutdown();
            gateway.stop();

            List<String> sent = upstream.seen().stream()
                    .map(seen -> String.valueOf(
                            Jws.claims(String.valueOf(seen.header("txn-token"))).string("txn")))
                    .toList();
            List<String> permitted = permits(gateway.log());
            assertThat(sent).hasSizeGreaterThan(calls / 10).doesNotHaveDuplicates();
            assertThat(permitted).doesNotHaveDuplicates();
            assertThat(Set.copyOf(permitted)).containsAll(sent);
            assertThat(LogVerifier.verify(gateway.log(), null, null).faults()).isEmpty();
            assertNoSecret(gateway);
        }
    }

    /** One of five kinds: permitted reads and writes, and what is refused at three stages. A dead gateway is waited for. */
    private static void call(AgentClient client, TestAgent agent, int kind) {
        String path = "/vault/v1/secret/data/docs/" + (kind == 2 ? "billing" : "payments") + "/a";
        String method = kind == 1 ? "POST" : kind == 3 ? "DELETE" : "GET";
        try {
            client.call(
                    agent.key().agent(),
                    kind == 4 ? agent.token().substring(0, agent.token().length() - 8) : agent.token(),
                    List.of(),
                    method,
                    path,
                    Map.of(),
                    kind == 1 ? BODY.getBytes(StandardCharsets.UTF_8) : null);
        } catch (AgentException dead) {
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(20).toNanos());
        }
    }

    private static List<String> permits(Path log) throws IOException {
        return Logs.lines(log).stream()
                .filter(line -> line.contains("\"outcome\":\"permit\""))
                .map(line -> String.valueOf(TestAgent.json(line).string("decision")))
                .toList();
    }

    private static void assertNoSecret(GatewayProcess gateway) throws IOException {
        String credential = Files.readString(gateway.directory().resolve("credentials/vault-token"))
                .strip();
        for (Path place : List.of(gateway.log(), gateway.directory().resolve("gateway.out"))) {
            try (Stream<Path> files = Files.walk(place)) {
                for (Path file : files.filter(Files::isRegularFile).collect(Collectors.toList())) {
                    // Every token and proof looks so: a JSON object in base64url, a dot, another.
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .as("%s", file)
                            .doesNotContainPattern("eyJ[\\w-]{10,}\\.eyJ")
                            .doesNotContain("a-secret-of-the-body", "a-secret-of-the-answer", credential);
                }
            }
        }
    }
}
