package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is only observed: by the whole gateway, and by one limit or rule of an enforcing one. */
class ObserveIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String OTHER = "/vault/v1/secret/data/docs/payments/b";

    /** Reading yields untrusted content, writing needs a trusted task. */
    private static final String CATALOGUE = """
            catalogue: vault
            resolver: template
            base-path: /v1
            operations:
              - {id: kv.read, match: {method: GET, path: "/secret/data/{path+}"}, effect: read, resource: "secret/{path}", yields: untrusted}
              - {id: kv.write, match: {method: POST, path: "/secret/data/{path+}"}, effect: write, resource: "secret/{path}", needs: trusted}
              - {id: kv.delete, match: {method: DELETE, path: "/secret/data/{path+}"}, effect: delete, resource: "secret/{path}"}
            """;

    private static RecordingUpstream upstream;
    private static RunningGateway observing;
    private static RunningGateway enforcing;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        observing = gateway("observe");
        enforcing = gateway("enforce");
    }

    private static RunningGateway gateway(String mode) {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("errand.mode", mode)
                .file("operations/vault.yaml", CATALOGUE)
                .file("tasks/rate.yaml", template("rate", "limits: {task: [{capacity: 1, per: 24h}]}"))
                .file("tasks/budget.yaml", template("budget", "limits: {calls: 1}"))
                .file("tasks/plan.yaml", template("plan", "sequence: [vault:kv.write, vault:kv.read]"))
                .file("tasks/rule.yaml", template("rule", "rules: [{bounded: vault:kv.read, at-most: 1}]"))
                .file("tasks/flow.yaml", template("flow", "flow: enforce\ninstruction: {trust: agent}"))
                .file(
                        "tasks/repeated.yaml",
                        template("repeated", "limits: {calls: 1}").replace("denials: 10000", "denials: 4"))
                .file(
                        "tasks/twice.yaml",
                        template("twice", "limits: {calls: 1}").replace("denials: 10000", "denials: 2"))
                .file(
                        "tasks/asking.yaml",
                        Approver.template("asking", Approver.BY, "").replace(", {vault:kv.metadata.read: \"?\"}", ""))
                .file("tasks/watched.yaml", template("watched", """
                        limits: {task: [{capacity: 1, per: 24h, observe: true}, {capacity: 4, per: 24h}]}
                        rules: [{absence: vault:kv.write, after: vault:kv.read, observe: true}]"""))
                .start();
    }

    /** One that tolerates many denials. */
    private static String template(String name, String bounds) {
        return Templates.bounded(
                name, "on-violation: {repeated: {denials: 10000, within: 60s, then: interrupt}}\n" + bounds);
    }

    @AfterAll
    static void stop() {
        observing.close();
        enforcing.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static TestAgent started(RunningGateway gateway, String template) {
        return Templates.started(gateway, HUMAN, WORKLOADS, template);
    }

    private static HttpResponse<String> read(RunningGateway gateway, TestAgent agent) {
        return agent.get(gateway, TestAgent.READ);
    }

    private static HttpResponse<String> write(RunningGateway gateway, TestAgent agent) {
        return agent.call(gateway, "POST", OTHER, "{}");
    }

    /** The decisions on that agent's task, in order. */
    private static List<JsonObject> decisions(RunningGateway gateway, TestAgent agent) {
        return gateway.records().stream()
                .map(TestAgent::json)
                .filter(record ->
                        "decision".equals(record.string("kind")) && agent.task().equals(record.string("task")))
                .toList();
    }

    private static void assertObserved(String template, String code, String step, boolean writesSecond) {
        TestAgent agent = started(observing, template);
        assertThat(read(observing, agent).statusCode()).isEqualTo(200);
        HttpResponse<String> second = writesSecond ? write(observing, agent) : read(observing, agent);
        assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(2);
        JsonObject record = decisions(observing, agent).get(1);
        assertThat(record.string("outcome")).isEqualTo("permit");
        assertThat(record.string("mode")).isEqualTo("observe");
        assertThat(record.string("code")).as("what would have been answered").isEqualTo(code);
        assertThat(record.string("step")).isEqualTo(step);

        TestAgent refused = started(enforcing, template);
        read(enforcing, refused);
        HttpResponse<String> enforced = writesSecond ? write(enforcing, refused) : read(enforcing, refused);
        JsonObject problem = TestAgent.json(enforced.body());
        assertThat(problem.string("code")).isEqualTo(code);
        assertThat(problem.string("step")).isEqualTo(step);
        JsonObject kept = decisions(enforcing, refused).get(1);
        assertThat(kept.string("outcome")).isEqualTo("deny");
        assertThat(kept.string("mode")).isEqualTo("enforce");
        assertThat(record.string("reaction"))
                .as("what it would have led to")
                .isEqualTo(kept.string("reaction"))
                .isNotNull();
        assertThat(decisions(observing, agent).get(0).string("reaction")).isNull();
    }

    private static List<String> told(RunningGateway gateway, TestAgent agent) {
        return decisions(gateway, agent).stream()
                .map(record -> record.string("code") + " " + record.string("reaction") + " "
                        + (record.get("over") instanceof JsonBoolean over && over.value()))
                .toList();
    }

    @Test
    void interruption_isObserved_andEveryCallBehindItSaysThatTheTaskWouldBeOver() {
        TestAgent agent = started(observing, "rule");
        TestAgent refused = started(enforcing, "rule");
        for (int i = 0; i < 4; i++) {
            assertThat(read(observing, agent).statusCode()).isEqualTo(200);
            read(enforcing, refused);
        }
        assertThat(agent.call(observing, "DELETE", TestAgent.READ, null).statusCode())
                .isEqualTo(403);
        assertThat(told(observing, agent))
                .containsExactly(
                        "null null false",
                        "rule-violation interrupt false",
                        "rule-violation interrupt true",
                        "rule-violation interrupt true",
                        "not-granted deny true");
        assertThat(told(enforcing, refused))
                .containsExactly(
                        "null null false",
                        "rule-violation interrupt false",
                        "task-ended null false",
                        "task-ended null false");
    }

    @Test
    void denialsThatWouldHaveBeenCounted_wouldEndTheTask_asTheyDoWhereItIsEnforced() {
        TestAgent agent = started(observing, "twice");
        TestAgent refused = started(enforcing, "twice");
        for (int i = 0; i < 5; i++) {
            // Only refusals of different operations count so soon.
            boolean reads = i != 2;
            assertThat((reads ? read(observing, agent) : write(observing, agent)).statusCode())
                    .isEqualTo(200);
            HttpResponse<String> enforced = reads ? read(enforcing, refused) : write(enforcing, refused);
            assertThat(enforced.statusCode()).isEqualTo(i == 0 ? 200 : i > 2 ? 401 : 403);
        }
        assertThat(told(observing, agent))
                .containsExactly(
                        "null null false",
                        "budget-exhausted throttle false",
                        "budget-exhausted interrupt false",
                        "budget-exhausted throttle true",
                        "budget-exhausted throttle true");
        assertThat(told(enforcing, refused).subList(0, 4))
                .containsExactly(
                        "null null false",
                        "budget-exhausted throttle false",
                        "budget-exhausted interrupt false",
                        "task-ended null false");
    }

    private static double wouldDeny(String template, String code) {
        return observing.value("errand.would.deny", "template", template, "code", code);
    }

    @Test
    void wouldBeDenials_areCountedByTheirCode_andNotAsPermits() {
        double permitted = observing.value("errand.decisions", "code", "permitted", "effect", "read");
        double broken = wouldDeny("rule", "rule-violation");
        double over = wouldDeny("rule", "task-ended");
        TestAgent agent = started(observing, "rule");
        for (int i = 0; i < 3; i++) {
            assertThat(read(observing, agent).statusCode()).isEqualTo(200);
        }
        assertThat(observing.value("errand.decisions", "code", "permitted", "effect", "read") - permitted)
                .isEqualTo(1);
        assertThat(wouldDeny("rule", "rule-violation") - broken).isEqualTo(1);
        assertThat(wouldDeny("rule", "task-ended") - over).isEqualTo(1);
        JsonObject record = decisions(observing, agent).get(1);
        assertThat(record.string("rule")).startsWith("tasks/rule.yaml:");
        assertThat(record.string("detail")).contains("rule at tasks/rule.yaml:");
        assertThat(decisions(observing, agent).get(0).string("detail")).isNull();
    }

    @Test
    void rate_isObserved() {
        assertObserved("rate", "rate-exceeded", "limits", false);
    }

    @Test
    void budget_isObserved() {
        assertObserved("budget", "budget-exhausted", "limits", false);
    }

    @Test
    void rule_isObserved() {
        assertObserved("rule", "rule-violation", "rule", false);
    }

    @Test
    void flow_isObserved() {
        assertObserved("flow", "flow-denied", "flow", true);
    }

    @Test
    void plan_isObserved_andStandsWhereItStood() {
        TestAgent agent = started(observing, "plan");
        assertThat(read(observing, agent).statusCode()).isEqualTo(200);
        assertThat(write(observing, agent).statusCode()).isEqualTo(200);
        assertThat(read(observing, agent).statusCode()).isEqualTo(200);
        List<JsonObject> records = decisions(observing, agent);
        assertThat(records.get(0).string("code")).isEqualTo("sequence-violation");
        assertThat(records.get(0).string("step")).isEqualTo("sequence");
        assertThat(records.get(0).get("state_after")).isEqualTo(records.get(0).get("state_before"));
        assertThat(records.subList(1, 3)).allMatch(record -> record.string("code") == null);
    }

    @Test
    void asking_isObserved_andNothingOpens() {
        TestAgent agent = started(observing, "asking");
        assertThat(write(observing, agent).statusCode()).isEqualTo(200);
        HttpResponse<String> deleted = agent.call(observing, "DELETE", OTHER, null);
        assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(200);
        List<JsonObject> records = decisions(observing, agent);
        assertThat(records.stream().map(record -> record.string("outcome") + " " + record.string("code")))
                .containsExactly("permit approval-required", "permit approval-required");
        assertThat(records).allMatch(record -> record.get("approval") == null || record.object("approval") == null);
        assertThat(observing.records().stream().map(TestAgent::json))
                .noneMatch(record -> "approval".equals(record.string("kind")));
    }

    @Test
    void observing_stillEnforcesIdentityDelegationGrantsProofsAndEnds() {
        TestAgent agent = started(observing, "repeated");
        assertThat(read(observing, agent).statusCode()).isEqualTo(200);
        assertThat(read(observing, agent).statusCode()).as("over its budget").isEqualTo(200);
        upstream.forget();
        Attempt twice = Attempt.by(agent);
        assertThat(twice.send(observing).status()).isEqualTo(200);
        assertThat(twice.send(observing).status()).as("the same proof").isEqualTo(401);
        assertThat(Attempt.by(agent).without("Authorization").send(observing).status())
                .isEqualTo(401);
        TestAgent stranger = new TestAgent(TestKey.ed25519("thief"), agent.token(), List.of());
        assertThat(read(observing, stranger).statusCode()).as("another's token").isEqualTo(401);
        assertThat(agent.call(observing, "GET", TestAgent.READ, Map.of("Workload-SVID", "x"), null)
                        .statusCode())
                .isEqualTo(401);

        assertCode(agent.call(observing, "DELETE", TestAgent.READ, null), 403, "not-granted");
        assertCode(agent.get(observing, "/vault/v1/secret/data/docs/other/a"), 403, "constraint-violated");
        HttpResponse<String> last = agent.get(observing, TestAgent.READ.replace("/data/", "/metadata/"));
        assertCode(last, 403, "unknown-operation");
        assertThat(last.body()).as("the fourth refusal of a verified caller").contains("\"interrupted\":true");
        assertCode(read(observing, agent), 401, "task-ended");
        assertThat(upstream.seen()).hasSize(1);
        assertThat(decisions(observing, agent).stream().map(record -> String.valueOf(record.string("outcome"))))
                .contains("deny");
    }

    private static void assertCode(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo(code);
    }

    @Test
    void limitAndRule_observedByThemselves_reportAndTheirNeighboursRefuse() {
        TestAgent agent = started(enforcing, "watched");
        assertThat(read(enforcing, agent).statusCode()).isEqualTo(200);
        assertThat(read(enforcing, agent).statusCode()).isEqualTo(200);
        assertThat(write(enforcing, agent).statusCode()).isEqualTo(200);
        assertThat(read(enforcing, agent).statusCode()).isEqualTo(200);
        assertCode(read(enforcing, agent), 429, "rate-exceeded");
        List<JsonObject> records = decisions(enforcing, agent);
        assertThat(records).allMatch(record -> "enforce".equals(record.string("mode")));
        assertThat(records.stream().map(record -> record.string("outcome") + " " + record.string("code")))
                .containsExactly(
                        "permit null",
                        "permit rate-exceeded",
                        "permit rate-exceeded",
                        "permit rate-exceeded",
                        "deny rate-exceeded");
        assertThat(upstream.seen()).hasSize(4);
    }
}
