package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a violation leads to, over HTTP: when to come back, what is cut, and what a child cannot end. */
class ReactionsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String REPEATED = "on-violation: {repeated: {denials: 3, within: 10m, then: interrupt}}";

    private static final List<String> NOT_GRANTED = List.of(
            "DELETE data/docs/payments/a",
            "GET subkeys/docs/payments/a",
            "GET metadata/docs/payments/a",
            "DELETE metadata/docs/payments/a",
            "GET config");

    private static int next;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file(
                        "tasks/task-rate.yaml",
                        Templates.bounded("task-rate", "limits: {task: [{capacity: 2, per: 2h}]}"))
                .file("tasks/operation-rate.yaml", Templates.bounded("operation-rate", """
                                limits:
                                  task: [{capacity: 2, per: 1h}]
                                  operations: {vault:kv.read: [{capacity: 1, per: 2h}]}"""))
                .file("tasks/free.yaml", Templates.bounded("free", ""))
                .file("tasks/subtree.yaml", Templates.bounded("subtree", REPEATED))
                .file("tasks/whole.yaml", Templates.bounded("whole", REPEATED + "\ncut: task"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static TestAgent started(String template) {
        return Templates.started(gateway, HUMAN, WORKLOADS, template);
    }

    private static HttpResponse<String> read(TestAgent agent) {
        return agent.get(gateway, TestAgent.READ);
    }

    private static void assertPermitted(TestAgent agent) {
        HttpResponse<String> answer = read(agent);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void assertEnded(TestAgent agent) {
        HttpResponse<String> answer = read(agent);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("task-ended");
    }

    /**
     * A call that its token does not grant: whether it interrupted something. Each is another operation than those before it, since
     * refusals of one operation within two seconds count once.
     */
    private static boolean refused(TestAgent agent) {
        String[] call = NOT_GRANTED.get(next++ % NOT_GRANTED.size()).split(" ");
        HttpResponse<String> answer = agent.call(gateway, call[0], "/vault/v1/secret/" + call[1], null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("not-granted");
        return answer.body().contains("\"interrupted\":true");
    }

    private static void assertThrottled(TestAgent agent, String policy, int capacity, int windowSeconds) {
        HttpResponse<String> answer = read(agent);
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("rate-exceeded");
        List<String> after = answer.headers().allValues("Retry-After");
        assertThat(after).hasSize(1);
        long seconds = Long.parseLong(after.get(0));
        long each = windowSeconds / capacity;
        assertThat(seconds).as("refilled evenly: one token in %d s", each).isBetween(each - 60, each);
        assertThat(answer.headers().allValues("RateLimit-Policy"))
                .containsExactly("\"" + policy + "\";q=" + capacity + ";w=" + windowSeconds);
        assertThat(answer.headers().allValues("RateLimit")).containsExactly("\"" + policy + "\";r=0;t=" + seconds);
    }

    @Test
    void throttle_saysWhichLimitAndWhenToComeBack() {
        TestAgent task = started("task-rate");
        assertPermitted(task);
        HttpResponse<String> last = read(task);
        assertThat(last.headers().firstValue("RateLimit")).isEmpty();
        assertThrottled(task, "task", 2, 7200);

        TestAgent operation = started("operation-rate");
        assertPermitted(operation);
        assertThrottled(operation, "vault:kv.read", 1, 7200);

        TestAgent child = started("free").child(null, "{\"limits\":[{\"capacity\":2,\"period\":3600}]}", null);
        assertPermitted(child);
        assertPermitted(child);
        assertThrottled(child, "token:1", 2, 3600);
    }

    @Test
    void repeated_denialsOfAChildThatWasGivenSomething_endTheChildAndWhatIsBelowItOnly() {
        TestAgent root = started("subtree");
        TestAgent child = root.child();
        TestAgent grandchild = child.child();
        TestAgent sibling = root.child();
        assertPermitted(root);
        assertPermitted(child);
        assertPermitted(grandchild);
        assertPermitted(sibling);
        assertThat(refused(child)).isFalse();
        assertThat(refused(child)).isFalse();
        assertThat(refused(child)).isTrue();
        assertEnded(child);
        assertEnded(grandchild);
        assertPermitted(sibling);
        assertPermitted(root);
    }

    @Test
    void repeated_refusalsOfOneOperation_togetherCountOnce() {
        TestAgent root = started("subtree");
        for (int i = 0; i < 9; i++) {
            assertThat(agentsDelete(root)).isEqualTo(403);
        }
        assertPermitted(root);
    }

    private static int agentsDelete(TestAgent agent) {
        return agent.call(gateway, "DELETE", TestAgent.READ, null).statusCode();
    }

    @Test
    void repeated_cutsOfChildren_countAtTheirParent() {
        TestAgent root = started("subtree");
        assertPermitted(root);
        for (int i = 1; i <= 3; i++) {
            TestAgent child = root.child();
            assertPermitted(child);
            assertThat(refused(child) || refused(child)).isFalse();
            assertThat(refused(child)).isTrue();
            if (i < 3) {
                assertPermitted(root);
            }
        }
        assertEnded(root);
    }

    @Test
    void repeated_childrenThatWereNeverPermitted_countAtTheOneWhoMadeThem_notAtASibling() {
        TestAgent root = started("subtree");
        TestAgent maker = root.child();
        TestAgent sibling = root.child();
        assertPermitted(root);
        assertPermitted(maker);
        assertPermitted(sibling);
        assertThat(refused(maker.child())).isFalse();
        assertThat(refused(maker.child())).isFalse();
        assertThat(refused(maker.child())).isTrue();
        assertEnded(maker);
        assertPermitted(sibling);
        assertPermitted(root);
    }

    @Test
    void repeated_underCutTask_endsTheTask() {
        TestAgent root = started("whole");
        TestAgent child = root.child();
        TestAgent sibling = root.child();
        assertPermitted(root);
        assertPermitted(child);
        assertPermitted(sibling);
        assertThat(refused(child) || refused(child)).isFalse();
        assertThat(refused(child)).isTrue();
        assertEnded(sibling);
        assertEnded(root);
    }

    @Test
    void repeated_refusalsBeforeAVerifiedProof_countNowhere() {
        TestAgent root = started("subtree");
        assertPermitted(root);
        TestAgent thief = new TestAgent(TestKey.ed25519("thief"), root.token(), List.of());
        for (int i = 0; i < 5; i++) {
            assertThat(read(thief).statusCode()).isEqualTo(401);
        }
        Attempt seen = Attempt.by(root);
        assertThat(seen.send(gateway).status()).isEqualTo(200);
        for (int i = 0; i < 5; i++) {
            assertThat(seen.send(gateway).status()).as("a proof that was used").isEqualTo(401);
        }
        assertPermitted(root);
    }
}
