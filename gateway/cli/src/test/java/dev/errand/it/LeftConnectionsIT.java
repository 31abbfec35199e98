package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.it.Approver.Asked;
import dev.errand.jose.KeyRing;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators and humans who close the connection as soon as what they asked for shows in the store: it is recorded all the same. */
class LeftConnectionsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Approver ALICE = new Approver(HUMAN, "alice");
    private static final Duration SOON = Duration.ofSeconds(15);

    /** Long enough to leave between two answers of the store. */
    private static final Duration SLOW = Duration.ofMillis(300);

    private static final String LOCKS = "{errand:locks}";
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";

    @TempDir
    private static Path directory;

    private static RedisProcess redis;
    private static TcpProxy network;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory.resolve("redis"));
        network = new TcpProxy(redis.port());
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/careful.yaml", Approver.template("careful", Approver.BY, ""))
                .sharing(redis.url(network.port()), keys)
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        network.close();
        redis.close();
    }

    @AfterEach
    void fast() {
        network.delay(Duration.ZERO);
    }

    private static HttpRequest.Builder operator(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort() + path))
                .header("Authorization", "Bearer " + gateway.operatorToken());
    }

    private static String stored(String... command) {
        try {
            return redis.command(command);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void leaveOnceChanged(HttpRequest request, Callable<String> stored) throws Exception {
        leaveOnceChanged(() -> TestAgent.HTTP.sendAsync(request, BodyHandlers.ofString()), stored);
    }

    /** Sends a request, and closes its connection as soon as the store shows another value than before. */
    private static void leaveOnceChanged(
            Supplier<CompletableFuture<HttpResponse<String>>> request, Callable<String> stored) throws Exception {
        String before = stored.call();
        network.delay(SLOW);
        CompletableFuture<HttpResponse<String>> answer = request.get();
        while (stored.call().equals(before)) {
            assertThat(answer).as("answered before the store changed").isNotDone();
            Thread.sleep(2);
        }
        assertThat(answer.cancel(true)).isTrue();
        // The answer that showed the change is still on its way. Those behind it need not be slow.
        network.delay(Duration.ZERO);
    }

    /** How many subject tokens and tokens of approvers were used. */
    private static String claims() {
        return stored("EVAL", "return #redis.call('KEYS', 'errand:s:*')", "0");
    }

    private static void recorded(String... words) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(gateway.records())
                        .anyMatch(line -> Arrays.stream(words).allMatch(line::contains)));
    }

    private static TestAgent agent() {
        return Templates.started(gateway, HUMAN, WORKLOADS, "careful");
    }

    @Test
    void locks_setAndLifted() throws Exception {
        leaveOnceChanged(
                operator("/tasks/interrupt")
                        .POST(BodyPublishers.ofString("{\"template\":\"none-such\",\"why\":\"left\",\"lock\":\"15m\"}"))
                        .build(),
                () -> stored("HLEN", LOCKS));
        recorded("\"action\":\"interrupt-many\"", "none-such");
        List<JsonObject> locks =
                OperatorClient.objects(OperatorClient.of(gateway).json("/locks"), "locks");
        assertThat(locks).hasSize(1);
        String id = String.valueOf(locks.get(0).string("id"));
        leaveOnceChanged(operator("/locks/" + id).DELETE().build(), () -> stored("HGET", LOCKS, id));
        recorded("\"action\":\"unlock\"", id);
    }

    @Test
    void interruption_ofOneTask() throws Exception {
        TestAgent agent = agent();
        leaveOnceChanged(
                operator("/tasks/" + agent.task() + "/interrupt")
                        .POST(BodyPublishers.ofString("{\"why\":\"left\"}"))
                        .build(),
                () -> stored("HGET", "{" + agent.task() + "}", "r"));
        recorded("\"action\":\"interrupt\"", agent.task());
        recorded("\"kind\":\"ended\"", agent.task());
    }

    @Test
    void decision_onARequest() throws Exception {
        TestAgent agent = agent();
        Asked asked = Asked.of(
                agent.call(gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}"));
        String body = "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}";
        leaveOnceChanged(
                HttpRequest.newBuilder(URI.create(gateway.address() + "/approvals/" + asked.id()))
                        .header("Authorization", "Bearer " + ALICE.token())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                LeftConnectionsIT::claims);
        recorded("\"kind\":\"approval\"", "\"outcome\":\"approved\"", asked.id());
        JsonObject seen = TestAgent.json(ALICE.see(gateway, asked.id()).body());
        assertThat(seen.string("state")).isEqualTo("approved");
    }

    @Test
    void start_ofATask() throws Exception {
        leaveOnceChanged(
                () -> TokenCall.start(HUMAN, WORKLOADS)
                        .asking("explore", "{\"project\":\"abandoned\"}", "")
                        .sendAsync(gateway),
                LeftConnectionsIT::claims);
        recorded("\"kind\":\"start\"", "\"outcome\":\"granted\"", "abandoned");
    }

    @Test
    void end_byAHolder() throws Exception {
        TestAgent agent = agent();
        leaveOnceChanged(
                () -> TokenCall.revoke(agent).sendAsync(gateway), () -> stored("HGET", "{" + agent.task() + "}", "r"));
        recorded("\"kind\":\"ended\"", agent.task(), "\"by\":\"holder\"");
    }
}
