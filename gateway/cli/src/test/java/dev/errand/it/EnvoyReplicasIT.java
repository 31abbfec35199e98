package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Base64Url;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas that decide for one real Envoy under some calls a second: replaced one by one no call is lost, and killed no outcome is
 * that an agent has seen.
 */
@Tag("envoy")
class EnvoyReplicasIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int AGENTS = 4;
    private static final int PAUSE_MILLIS = 100;

    private static final String TEMPLATE = """
            template: steady
            description: Read on and on
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/payments"}}
            limits: {calls: 100000}
            """;

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static final List<GatewayProcess> REPLICAS = new ArrayList<>();
    private static Envoy envoy;

    private static Path socket(int replica) {
        return directory.resolve("decide" + replica + ".sock");
    }

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        for (int i = 0; i < 2; i++) {
            REPLICAS.add(new GatewayProcess(RunningGateway.with()
                    .trusting(HUMAN, WORKLOADS)
                    .upstream(upstream)
                    .file("tasks/steady.yaml", TEMPLATE)
                    .file("application.yaml", AskedRoutesFile.with("vault"))
                    .property("errand.decision-service.listen", "unix:" + socket(i))
                    .property("errand.drain", "5s")
                    .property("management.server.port", "0")
                    .sharing(redis, redis.keys())));
        }
        String checks = new Page("docs/behind/envoy.md").block("health_checks:").indent(6);
        envoy = Envoy.before(
                REPLICAS.get(0).directory(),
                REPLICAS.get(0).address(),
                directory,
                List.of("--vault.uri=" + upstream.uri(), "--errand.decision-service.listen=unix:" + socket(0)),
                printed -> printed.replace("    - name: errand_decisions\n", "    - name: errand_decisions\n" + checks)
                        .replace(endpoint(0), endpoint(0) + ", " + endpoint(1)));
    }

    private static String endpoint(int replica) {
        return "{endpoint: {address: {pipe: {path: \"" + socket(replica) + "\"}}}}";
    }

    @AfterAll
    static void stop() throws Exception {
        envoy.close();
        for (GatewayProcess replica : REPLICAS) {
            replica.close();
        }
        upstream.close();
        redis.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static TestAgent agent() {
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = new AgentClient(REPLICAS.get(0).address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"steady\"}"),
                                null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    /** Agents that call through Envoy, each again and again, until they are told to stop. */
    private static final class Load implements AutoCloseable {
        private final Queue<HttpResponse<String>> answers = new ConcurrentLinkedQueue<>();
        private final Queue<String> lost = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean over;

        Load() {
            for (int i = 0; i < AGENTS; i++) {
                TestAgent agent = agent();
                Thread thread = new Thread(() -> run(agent), "agent-" + i);
                thread.setDaemon(true);
                threads.add(thread);
            }
            threads.forEach(Thread::start);
        }

        private void run(TestAgent agent) {
            AgentClient client = new AgentClient(envoy.address(), RunningGateway.ISSUER, TestAgent.HTTP);
            while (!over) {
                try {
                    answers.add(client.call(
                            agent.key().agent(), agent.token(), List.of(), "GET", TestAgent.READ, Map.of(), null));
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                } catch (AgentException | InterruptedException none) {
                    lost.add(none.toString());
                }
            }
        }

        /** Waits until this many more calls were answered. */
        void goOn(int calls) throws Exception {
            int before = answers.size();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (answers.size() < before + calls) {
                assertThat(System.nanoTime()).as("calls are answered").isLessThan(until);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(30));
            }
        }
    }

    /** What both logs say of each decision: whether it is a permit, and the status of its outcome. */
    private static Map<String, Integer> permits() throws Exception {
        Map<String, Integer> permits = new HashMap<>();
        Map<String, Integer> outcomes = new HashMap<>();
        for (GatewayProcess replica : REPLICAS) {
            try (Stream<Path> files = Files.list(replica.log())) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(".jsonl")).toList()) {
                    for (String line : Files.readAllLines(file)) {
                        JsonObject record = TestAgent.json(line);
                        String decision = String.valueOf(record.string("decision"));
                        if ("decision".equals(record.string("kind")) && "permit".equals(record.string("outcome"))) {
                            assertThat(permits.put(decision, 0))
                                    .as("one record of a decision")
                                    .isNull();
                        } else if ("outcome".equals(record.string("kind"))) {
                            int status = record.get("upstream_status") instanceof JsonNumber number
                                    ? (int) number.asLong()
                                    : 0;
                            assertThat(outcomes.put(decision, status))
                                    .as("one outcome")
                                    .isNull();
                        }
                    }
                }
            }
        }
        permits.replaceAll((decision, none) -> outcomes.getOrDefault(decision, 0));
        return permits;
    }

    private static String decision(HttpResponse<String> answer) {
        return answer.headers().firstValue("Errand-Decision").orElse("none");
    }

    /** Every request that reached the upstream was permitted, once; every answer that an agent saw has its outcome. */
    private static void assertAllTold(Load load) throws Exception {
        Map<String, Integer> permits = permits();
        Set<String> sent = new HashSet<>();
        for (RecordingUpstream.Seen seen : upstream.seen()) {
            String token = String.valueOf(seen.header("Txn-Token"));
            String decision = String.valueOf(
                    Json.parseObject(Base64Url.decode(token.split("\\.")[1])).string("txn"));
            assertThat(sent.add(decision)).as("a decision is for one request").isTrue();
            assertThat(permits).containsKey(decision);
        }
        List<HttpResponse<String>> good =
                load.answers.stream().filter(each -> each.statusCode() == 200).toList();
        assertThat(good).isNotEmpty().allSatisfy(answer -> {
            assertThat(sent).contains(decision(answer));
            assertThat(permits).containsEntry(decision(answer), 200);
        });
    }

    @Test
    void replicasThatAreReplacedOneByOne_loseNoCall() throws Exception {
        Load load = new Load();
        try (load) {
            load.goOn(40);
            for (GatewayProcess replica : REPLICAS) {
                replica.stop();
                load.goOn(20);
                replica.killAndStartAgain();
                // Envoy looks again after a second.
                TimeUnit.SECONDS.sleep(3);
                load.goOn(20);
            }
        }
        assertThat(load.lost).isEmpty();
        assertThat(load.answers.stream()
                        .collect(Collectors.groupingBy(HttpResponse::statusCode, Collectors.counting())))
                .containsOnlyKeys(200);
        assertThat(upstream.seen()).hasSameSizeAs(load.answers);
        assertAllTold(load);
        System.out.println("two replicas replaced under " + load.answers.size() + " calls: none lost");
    }

    @Test
    void replicasThatAreKilled_loseNoOutcome_andTheirLogsAreWhole() throws Exception {
        Load load = new Load();
        try (load) {
            for (GatewayProcess replica : REPLICAS) {
                load.goOn(30);
                replica.killAndStartAgain();
                TimeUnit.SECONDS.sleep(2);
            }
            load.goOn(20);
        }
        assertThat(load.lost).isEmpty();
        Map<Integer, Long> statuses =
                load.answers.stream().collect(Collectors.groupingBy(HttpResponse::statusCode, Collectors.counting()));
        assertThat(statuses.keySet()).allMatch(status -> status == 200 || status >= 500);
        assertAllTold(load);
        for (GatewayProcess replica : REPLICAS) {
            assertThat(Envoy.printed(
                            "verify-log",
                            replica.log().toString(),
                            "--keys",
                            redis.keys().toString()))
                    .contains("signed");
        }
        System.out.println("two replicas killed: answers by status " + statuses);
    }
}
