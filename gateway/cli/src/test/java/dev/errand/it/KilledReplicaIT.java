package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static dev.errand.it.OperatorClient.strings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas on one Redis, one of which dies by {@code kill -9}: the others tell the same, and name the one that is missing,
 * an hour later too.
 */
class KilledReplicaIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    Path temporary;

    private record Node(URI address, OperatorClient operator) {}

    private static RunningGateway.Builder builder(SharedRedis redis, RecordingUpstream upstream) {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys());
    }

    private static AgentClient client(Node node) {
        return new AgentClient(node.address(), RunningGateway.ISSUER, TestAgent.HTTP);
    }

    private static int read(Node node, TestAgent agent) {
        HttpResponse<String> answer =
                client(node).call(agent.key().agent(), agent.token(), List.of(), "GET", TestAgent.READ, Map.of(), null);
        return answer.statusCode();
    }

    private static TestAgent start(Node node) {
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = client(node)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object(TestAgent.EXPLORE),
                                null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    private static List<JsonObject> replicas(Node node) {
        return objects(node.operator().json("/replicas"), "replicas");
    }

    @Test
    void replicaKilled_isNamedAsMissing_untilItIsGivenUp() throws Exception {
        int port = FreePort.next();
        try (SharedRedis redis = new SharedRedis(temporary);
                RecordingUpstream upstream = new RecordingUpstream();
                GatewayProcess killed = new GatewayProcess(
                        builder(redis, upstream).property("management.server.port", Integer.toString(port)));
                RunningGateway first = builder(redis, upstream).start();
                RunningGateway second = builder(redis, upstream).start()) {
            String token = Files.readString(killed.directory().resolve("data/operator-token"))
                    .strip();
            List<Node> others = List.of(
                    new Node(first.address(), OperatorClient.of(first)),
                    new Node(second.address(), OperatorClient.of(second)));
            see(new Node(killed.address(), new OperatorClient(port, token)), killed.process(), others, redis);
            second.close();
            assertThat(replicas(others.get(0))).as("one that signed off").hasSize(1);
        }
    }

    private static void see(Node killed, Process process, List<Node> others, SharedRedis redis) throws Exception {
        List<Node> nodes = List.of(killed, others.get(0), others.get(1));
        within(20, () -> nodes.stream().allMatch(node -> replicas(node).size() == 3));
        TestAgent agent = start(killed);
        for (Node node : nodes) {
            assertThat(read(node, agent)).isEqualTo(200);
        }
        within(20, () -> listed(others.get(0)).get("calls").equals(JsonNumber.of(3)));
        String lost = replicas(killed).stream()
                .filter(replica -> String.valueOf(replica.string("url"))
                        .endsWith(":" + killed.operator().port()))
                .findFirst()
                .orElseThrow()
                .string("instance");
        process.destroyForcibly().waitFor();
        // First nobody but its silence tells. After 15 seconds it is known to be lost: three of them pass here.
        for (Node node : others) {
            told(node, agent, lost);
        }
        for (Duration age : List.of(Duration.ofSeconds(12), Duration.ofHours(1))) {
            ReplicaEntry.of(redis, lost).older(age).write();
            for (Node node : others) {
                within(20, () -> state(node, lost).equals("lost"));
                told(node, agent, lost);
            }
        }
        assertThat(others.get(0).operator().delete("/replicas/" + lost).statusCode())
                .isEqualTo(204);
        for (Node node : others) {
            assertThat(strings(node.operator().json("/tasks/" + agent.task()), "missing"))
                    .isEmpty();
            assertThat(replicas(node)).hasSize(2);
        }
    }

    private static String state(Node node, String instance) {
        return replicas(node).stream()
                .filter(replica -> instance.equals(replica.string("instance")))
                .map(replica -> String.valueOf(replica.string("state")))
                .findFirst()
                .orElse("gone");
    }

    private static JsonObject listed(Node node) {
        return objects(node.operator().json("/tasks"), "tasks").get(0);
    }

    /** In time, and the same from each. */
    private static void told(Node node, TestAgent agent, String lost) {
        long began = System.nanoTime();
        JsonObject listed = listed(node);
        assertThat(listed.string("task")).isEqualTo(agent.task());
        assertThat(listed.get("calls")).isEqualTo(JsonNumber.of(3));
        JsonObject task = node.operator().json("/tasks/" + agent.task());
        assertThat(objects(task, "calls")).hasSize(2);
        assertThat(strings(task, "missing")).containsExactly(lost);
        JsonObject decisions = node.operator().json("/decisions?task=" + agent.task());
        assertThat(objects(decisions, "decisions")).hasSize(2);
        assertThat(strings(decisions, "missing")).containsExactly(lost);
        assertThat(decisions.string("detail")).as("some were found").isNull();
        JsonObject none = node.operator().json("/decisions?task=" + agent.task() + "&operation=no:such");
        assertThat(objects(none, "decisions")).isEmpty();
        assertThat(none.string("detail")).contains("the logs of these replicas were not read: " + lost);
        HttpResponse<String> unknown = node.operator().get("/decisions/d-unknown");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(strings(TestAgent.json(unknown.body()), "missing")).containsExactly(lost);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        System.out.println("five questions with one replica killed: " + took.toMillis() + " ms");
        assertThat(took).isLessThan(Patience.of(Duration.ofSeconds(8)));
    }

    private static void within(int seconds, Callable<Boolean> good) {
        await().atMost(Patience.of(Duration.ofSeconds(seconds)))
                .ignoreExceptions()
                .until(good);
    }
}
