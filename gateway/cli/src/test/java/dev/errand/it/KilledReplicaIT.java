package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static dev.errand.it.OperatorClient.strings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas on one Redis, one of which dies by {@code kill -9}: the others tell the same, and name the one that is missing, an hour later too. */
class KilledReplicaIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    Path temporary;

    private record Node(GatewayProcess process, OperatorClient operator) {}

    private static Node node(SharedRedis redis, RecordingUpstream upstream) throws Exception {
        int port = FreePort.next();
        GatewayProcess process = new GatewayProcess(RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("management.server.port", Integer.toString(port))
                .sharing(redis, redis.keys()));
        String token = Files.readString(process.directory().resolve("data/operator-token"))
                .strip();
        return new Node(process, new OperatorClient(port, token));
    }

    private static AgentClient client(Node node) {
        return new AgentClient(node.process().address(), RunningGateway.ISSUER, TestAgent.HTTP);
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
        List<Node> nodes = new ArrayList<>();
        try (SharedRedis redis = new SharedRedis(temporary);
                RecordingUpstream upstream = new RecordingUpstream()) {
            try {
                for (int i = 0; i < 3; i++) {
                    nodes.add(node(redis, upstream));
                }
                see(nodes, redis);
            } finally {
                for (Node node : nodes) {
                    node.process().close();
                }
            }
        }
    }

    private static void see(List<Node> nodes, SharedRedis redis) throws Exception {
        within(20, () -> nodes.stream().allMatch(node -> replicas(node).size() == 3));
        TestAgent agent = start(nodes.get(2));
        for (Node node : nodes) {
            assertThat(read(node, agent)).isEqualTo(200);
        }
        TimeUnit.MILLISECONDS.sleep(1_500);
        Node killed = nodes.get(2);
        String lost = replicas(killed).stream()
                .filter(replica -> String.valueOf(replica.string("url"))
                        .endsWith(":" + killed.operator().port()))
                .findFirst()
                .orElseThrow()
                .string("instance");
        killed.process().process().destroyForcibly().waitFor();
        List<Node> others = nodes.subList(0, 2);
        for (int round = 0; round < 2; round++) {
            for (Node node : others) {
                told(node, agent, lost);
            }
            // The first time nobody but its silence tells; the second time it is known to be lost.
            within(
                    30,
                    () -> others.stream()
                            .allMatch(node -> replicas(node).stream()
                                    .anyMatch(replica -> lost.equals(replica.string("instance"))
                                            && "lost".equals(replica.string("state")))));
        }
        ReplicaEntry.of(redis, lost).hoursOld(1).write();
        for (Node node : others) {
            told(node, agent, lost);
        }
        assertThat(others.get(0).operator().delete("/replicas/" + lost).statusCode())
                .isEqualTo(204);
        for (Node node : others) {
            assertThat(strings(node.operator().json("/tasks/" + agent.task()), "missing"))
                    .isEmpty();
            assertThat(replicas(node)).hasSize(2);
        }
        others.get(1).process().stop();
        assertThat(replicas(others.get(0))).as("one that signed off").hasSize(1);
    }

    /** Within two seconds, and the same from each. */
    private static void told(Node node, TestAgent agent, String lost) {
        long began = System.nanoTime();
        JsonObject listed = objects(node.operator().json("/tasks"), "tasks").get(0);
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

    private static void within(int seconds, java.util.concurrent.Callable<Boolean> good) throws Exception {
        long deadline =
                System.nanoTime() + Patience.of(Duration.ofSeconds(seconds)).toNanos();
        while (!good.call()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }
}
