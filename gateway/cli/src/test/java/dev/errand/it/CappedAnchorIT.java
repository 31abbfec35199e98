package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.LivePolicies;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roots of another anchor, capped by a template: they keep the revision that they began under, on every replica. */
class CappedAnchorIT {
    private static final String ANCHOR = "https://as.example.org";
    private static final String FREE = "https://free.example.org";
    private static final String GROUPS = ",\"groups\":[\"release-managers\"]";
    private static final String READ = "/vault/v1/secret/data/docs/payments/a";
    private static final String AUDIT = """
            template: audit
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 6, max-children: 1000}
            parameters: {project: "[a-z]+"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            limits: {calls: 1000}
            sequence: [{vault:kv.read: "1..*"}, vault:kv.write]
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    private static final String BRIEF = """
            template: brief
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 1m
            delegation: {max-depth: 2, max-children: 1}
            parameters: {project: "[a-z]+"}
            allow: {"vault:kv.read": {resource: {path_containment: "secret/docs/{project}"}}}
            """;

    private static final String TOLD = """
            template: told
            agents: ["spiffe://example.org/agent/*"]
            humans: {issuer: "https://as.example.org"}
            instruction: {require: true}
            allow: {"vault:kv.read": {}}
            """;

    private static final String CONSENTED = """
            template: consented
            agents: ["spiffe://example.org/agent/*"]
            humans: {issuer: "https://as.example.org", consent: task}
            allow: {"vault:kv.read": {}}
            """;

    private static final String AGREED = CONSENTED
            .replace("template: consented", "template: agreed")
            .replace("consent: task", "consent: {claim: errand}");

    @TempDir
    static Path directory;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final TestKey SIGNER = TestKey.ed25519("as-1");
    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static RunningGateway replica;

    @BeforeAll
    static void start() throws IOException {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        gateway = gateway();
        replica = gateway();
    }

    private static RunningGateway gateway() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .file("tasks/audit.yaml", AUDIT)
                .file("as.jwks", "{\"keys\":[" + SIGNER.publicJwk(",\"kid\":\"as-1\",\"use\":\"sig\"") + "]}")
                .property("errand.trust.anchors[0].issuer", ANCHOR)
                .property("errand.trust.anchors[0].jwks", "file:as.jwks")
                .file("tasks/brief.yaml", BRIEF)
                .property("errand.trust.anchors[0].templates[0]", "audit")
                .property("errand.trust.anchors[0].templates[1]", "brief")
                .property("errand.trust.anchors[1].issuer", FREE)
                .property("errand.trust.anchors[1].jwks", "file:as.jwks")
                .property("errand.trust.anchors[1].humans[0]", FREE)
                .property("errand.trust.anchors[1].humans[1]", "https://idp.example.org")
                .property("errand.trust.anchors[1].register-within", "60s")
                .file("tasks/told.yaml", TOLD)
                .file("tasks/consented.yaml", CONSENTED)
                .file("tasks/agreed.yaml", AGREED)
                .property("errand.trust.anchors[0].templates[2]", "told")
                .property("errand.trust.anchors[0].templates[3]", "consented")
                .property("errand.trust.anchors[0].templates[4]", "agreed")
                .start();
    }

    @AfterAll
    static void stop() {
        replica.close();
        gateway.close();
        upstream.close();
        redis.close();
    }

    @Test
    void call_withinTheCap_isPermittedAndOutsideRefused() {
        TestAgent root = root("payments");
        assertStatus(root.get(gateway, READ), 200);
        assertCode(root.get(gateway, "/vault/v1/secret/data/docs/billing/a"), 403, "constraint-violated");
        assertCode(root("PAY").get(gateway, READ), 401, "invalid-token");
    }

    @Test
    void call_afterAReload_isJudgedByTheRevisionThatTheTaskBeganUnder() throws IOException {
        TestAgent root = root("payments");
        TestAgent late = root("payments");
        assertStatus(root.get(gateway, READ), 200);
        replace(AUDIT.replace("secret/docs/{project}", "secret/other/{project}"), gateway, replica);
        // Neither had seen these leaves; the plan stands where the first call left it.
        for (RunningGateway each : List.of(gateway, replica)) {
            assertStatus(root.get(each, READ), 200);
            assertStatus(root.child().get(each, READ), 200);
        }
        assertStatus(root.call(replica, "POST", READ, "{\"data\":{}}"), 200);
        assertCode(root.get(gateway, READ), 403, "sequence-violation");
        assertCode(late.get(replica, READ), 403, "constraint-violated");
        replace(AUDIT, gateway, replica);
        // It was tied to the revision that its first call was judged by, though that was refused.
        assertCode(late.get(gateway, READ), 403, "constraint-violated");
    }

    /** What is stored of a revision is its text, which names no operation of {@code vault:*}. */
    @Test
    void call_afterAReload_isGrantedByEffectAsWhenTheTaskBegan() throws IOException {
        String byEffect = AUDIT.replace("vault:kv.read: {resource", "\"vault:*\": {effects: [read], resource");
        replace(byEffect, gateway);
        TestAgent root = root("payments");
        assertStatus(root.get(gateway, READ), 200);
        replace(AUDIT, gateway);
        assertStatus(root.child().get(gateway, READ), 200);
        assertStatus(root.get(replica, READ), 200);
        assertCode(root.get(replica, "/vault/v1/secret/data/docs/billing/a"), 403, "constraint-violated");
    }

    @Test
    void revoke_aChildBeforeTheFirstCall_leavesTheTaskUnderItsTemplate() {
        TestAgent root = root("payments");
        TestAgent ended = root.child();
        ended.end(gateway);
        assertCode(ended.get(replica, READ), 401, "task-ended");
        assertStatus(root.get(replica, READ), 200);
        assertStatus(root.child().get(gateway, READ), 200);
        assertCode(root.call(gateway, "DELETE", READ, null), 403, "not-granted");
    }

    @Test
    void revoke_theRootBeforeTheFirstCall_endsTheTask() {
        TestAgent root = root("payments");
        root.end(gateway);
        assertCode(root.get(replica, READ), 401, "task-ended");
        assertCode(root.child().get(gateway, READ), 401, "task-ended");
    }

    @Test
    void call_afterTheTemplatesLifetime_isTaskEndedThoughTheRootIsGood() {
        assertStatus(root(ANCHOR, "brief", "payments", 30).get(gateway, READ), 200);
        assertCode(root(ANCHOR, "brief", "payments", 61).get(gateway, READ), 401, "task-ended");
    }

    @Test
    void call_handedOnFurtherThanTheTemplateLets_isRefused() {
        TestAgent root = root(ANCHOR, "brief", "payments", 0);
        TestAgent child = root.child();
        TestAgent grandchild = child.child();
        assertStatus(grandchild.get(gateway, READ), 200);
        assertCode(grandchild.child().get(gateway, READ), 401, "invalid-token");
        assertCode(child.child().get(replica, READ), 403, "budget-exhausted");
        assertStatus(child.get(gateway, READ), 200);
        assertCode(root.child().get(replica, READ), 403, "budget-exhausted");
        assertStatus(root.get(replica, READ), 200);
    }

    @Test
    void interrupt_aTaskUnderNoTemplate_endsIt() throws Exception {
        TestAgent root = root(FREE, "payments");
        assertStatus(root.get(replica, READ), 200);
        HttpResponse<String> denied = root.call(replica, "DELETE", READ, null);
        assertCode(denied, 403, "not-granted");
        String task = TestAgent.json(denied.body()).string("task");
        String operator = Files.readString(replica.directory().resolve("data/operator-token"));
        HttpResponse<String> answer = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + replica.managementPort() + "/tasks/" + task + "/interrupt"))
                        .header("Authorization", "Bearer " + operator.strip())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"why\":\"suspected leak\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertStatus(answer, 200);
        assertThat(TestAgent.json(answer.body()).string("state")).isEqualTo("interrupted");
        assertCode(root.get(gateway, READ), 401, "task-ended");
    }

    /** The index has it a second later: it ends at its next step all the same. */
    @Test
    void call_whileAnOperatorLocksItsTemplate_beginsNoTask_andEndsOneThatBegan() throws Exception {
        TestAgent begun = root(ANCHOR, "brief", "payments", 0);
        assertStatus(begun.get(gateway, READ), 200);
        OperatorClient operator = OperatorClient.of(replica);
        HttpResponse<String> answer =
                operator.post("/tasks/interrupt", "{\"template\":\"brief\",\"why\":\"a leak\",\"lock\":\"5m\"}");
        assertStatus(answer, 200);
        assertCode(begun.get(gateway, READ), 401, "task-ended");
        TestAgent late = root(ANCHOR, "brief", "payments", 0);
        assertCode(late.get(gateway, READ), 401, "task-ended");
        assertCode(late.child().get(replica, READ), 401, "task-ended");
        assertThat(gateway.records())
                .anyMatch(line -> line.startsWith("{\"kind\":\"start\"") && line.contains("\"reason\":\"lock\""));
        String id = TestAgent.json(answer.body()).object("lock").string("id");
        assertThat(operator.delete("/locks/" + id).statusCode()).isEqualTo(204);
        await().atMost(Patience.of(Duration.ofSeconds(5)))
                .until(() -> late.get(gateway, READ).statusCode() == 200);
        assertCode(begun.get(replica, READ), 401, "task-ended");
    }

    @Test
    void call_forAHumanOfAnotherProviderThanTheAnchors_isRefusedAtSubId() throws IOException {
        TestAgent other = root(
                ANCHOR, "audit", "payments", 0, TestWorkloads.RELEASE_BOT, GROUPS + humanOf("https://idp.example.org"));
        assertRefused(other, "task:sub_id");
        TestAgent own = root(ANCHOR, "audit", "payments", 0, TestWorkloads.RELEASE_BOT, GROUPS + humanOf(ANCHOR));
        assertStatus(own.get(gateway, READ), 200);
        TestAgent named = root(FREE, "", "", 0, TestWorkloads.RELEASE_BOT, humanOf("https://idp.example.org"));
        assertStatus(named.get(gateway, READ), 200);
        assertRefused(root(FREE, "", "", 0, TestWorkloads.RELEASE_BOT, humanOf(ANCHOR)), "task:sub_id");
    }

    @Test
    void call_ofARootThatTheTemplateWouldNotHaveStarted_isRefusedAtItsClaim() throws IOException {
        assertRefused(root(ANCHOR, "audit", "payments", 0, "spiffe://example.org/other/bot", GROUPS), "task:act");
        assertRefused(root(ANCHOR, "audit", "payments", 0, "spiffe://example.com/agent/a", GROUPS), "task:act");
        JsonObject start = starts(gateway).get(starts(gateway).size() - 1);
        assertThat(start.string("outcome")).isEqualTo("refused");
        assertThat(start.string("reason")).isEqualTo("agent");
        assertThat(start.string("template")).isEqualTo("audit");
        assertThat(start.get("task")).isEqualTo(JsonNull.NULL);
        assertRefused(root(ANCHOR, "audit", "payments", 0, TestWorkloads.RELEASE_BOT, ""), "task:sub_id");
        assertRefused(
                root(ANCHOR, "audit", "payments", 0, TestWorkloads.RELEASE_BOT, ",\"groups\":[\"guests\"]"),
                "task:sub_id");
        assertRefused(
                root(
                        ANCHOR,
                        "audit",
                        "payments",
                        0,
                        TestWorkloads.RELEASE_BOT,
                        ",\"groups\":{\"a\":\"release-managers\"}"),
                "task:sub_id");
        assertRefused(root(ANCHOR, "consented", "", 0, TestWorkloads.RELEASE_BOT, GROUPS), "task:sub_id");
        assertRefused(
                root(ANCHOR, "agreed", "", 0, TestWorkloads.RELEASE_BOT, ",\"errand\":\"sha-256:x\"" + GROUPS),
                "task:sub_id");
        assertRefused(root(ANCHOR, "told", "", 0, TestWorkloads.RELEASE_BOT, ""), "task:instruction");
        String nothing = ",\"instruction\":{\"source\":\"human\",\"integrity\":\"trusted\"}";
        assertRefused(root(ANCHOR, "told", "", 0, TestWorkloads.RELEASE_BOT, nothing), "task:instruction");
        String told = ",\"instruction\":{\"source\":\"human\",\"ref\":\"REL-42\",\"integrity\":\"trusted\"}";
        assertStatus(
                root(ANCHOR, "told", "", 0, TestWorkloads.RELEASE_BOT, told).get(gateway, READ), 200);
    }

    @Test
    void call_ofARootThatNobodyKnowsBehindRegisterWithin_isTaskEnded() {
        assertCode(root(FREE, "", "", 61, TestWorkloads.RELEASE_BOT, "").get(gateway, READ), 401, "task-ended");
        assertStatus(root(FREE, "", "", 55, TestWorkloads.RELEASE_BOT, "").get(gateway, READ), 200);
        // The other anchor has no such bound.
        assertStatus(root(ANCHOR, "audit", "payments", 120).get(gateway, READ), 200);
    }

    @Test
    void call_ofARootThatIsKnown_goesOnBehindRegisterWithin() throws Exception {
        TestAgent root = root(FREE, "", "", 57, TestWorkloads.RELEASE_BOT, "");
        assertStatus(root.get(gateway, READ), 200);
        Thread.sleep(4_000);
        assertStatus(root.get(gateway, READ), 200);
        assertStatus(root.child().get(replica, READ), 200);
        assertCode(root(FREE, "", "", 61, TestWorkloads.RELEASE_BOT, "").child().get(gateway, READ), 401, "task-ended");
    }

    @Test
    void call_ofAnotherAnchorsRoot_isRecordedAndToldWithItsAnchorAndAttestsNobody() throws IOException {
        TestAgent root = root("payments");
        assertStatus(root.get(gateway, READ), 200);
        JsonObject record = last();
        assertThat(record.string("anchor")).isEqualTo(ANCHOR);
        assertThat(record.object("human").string("iss")).isEqualTo(ANCHOR);
        assertThat(attested(record.get("agents"))).containsExactly(false);
        JsonObject context = txnContext();
        assertThat(context.string("anchor")).isEqualTo(ANCHOR);
        assertThat(attested(context.get("chain"))).containsExactly(false);

        String svid = WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER + "/vault");
        assertStatus(root.call(gateway, "GET", READ, Map.of("Workload-SVID", svid), null), 200);
        assertThat(attested(last().get("agents"))).containsExactly(true);

        assertStatus(TestAgent.explore(gateway, HUMAN, WORKLOADS).get(gateway, TestAgent.READ), 200);
        JsonObject own = last();
        assertThat(own.get("anchor")).isEqualTo(JsonNull.NULL);
        assertThat(attested(own.get("agents"))).containsExactly(true);
        JsonObject ownContext = txnContext();
        assertThat(ownContext.get("anchor")).isEqualTo(JsonNull.NULL);
    }

    private static List<JsonObject> starts(RunningGateway of) {
        return of.records().stream()
                .map(TestAgent::json)
                .filter(record -> "start".equals(record.string("kind")))
                .toList();
    }

    @Test
    void firstCall_ofAnotherAnchorsRoot_isAStart_onOneReplicaAndOnce() throws IOException {
        TestAgent root = root("payments");
        int before = starts(gateway).size();
        int beforeThere = starts(replica).size();
        for (RunningGateway each : List.of(gateway, gateway, replica)) {
            assertStatus(root.get(each, READ), 200);
        }
        List<JsonObject> starts = starts(gateway);
        assertThat(starts).hasSize(before + 1);
        assertThat(starts(replica)).hasSize(beforeThere);
        JsonObject start = starts.get(before);
        assertThat(start.string("outcome")).isEqualTo("granted");
        assertThat(start.string("task")).isEqualTo(last().string("task"));
        assertThat(start.string("template")).isEqualTo("audit");
        assertThat(start.object("parameters").string("project")).isEqualTo("payments");
        assertThat(start.string("agent")).isEqualTo(TestWorkloads.RELEASE_BOT);
        assertThat(start.object("human").string("iss")).isEqualTo(ANCHOR);
        assertThat(start.string("expires")).isGreaterThan(start.string("time"));

        TestAgent denied = root("payments");
        assertCode(denied.get(gateway, "/vault/v1/secret/data/docs/billing/a"), 403, "constraint-violated");
        assertThat(starts(gateway)).as("a denied call begins the task too").hasSize(before + 2);
    }

    private static JsonObject txnContext() {
        return Jws.claims(upstream.last().header("txn-token")).object("tctx");
    }

    private static JsonObject last() throws IOException {
        List<JsonObject> decisions = Logs.lines(gateway.directory().resolve("data/provenance")).stream()
                .map(Jws::object)
                .filter(record -> "decision".equals(record.string("kind")))
                .toList();
        return decisions.get(decisions.size() - 1);
    }

    private static List<Boolean> attested(JsonValue holders) {
        return ((JsonArray) holders)
                .values().stream()
                        .map(holder -> new JsonBoolean(true).equals(((JsonObject) holder).get("attested")))
                        .toList();
    }

    private static final Map<String, List<String>> REASONS = Map.of(
            "task:act", List.of("agent"),
            "task:sub_id", List.of("group", "consent"),
            "task:instruction", List.of("instruction"));

    private static void assertRefused(TestAgent root, String step) throws IOException {
        int before = starts(gateway).size();
        assertCode(root.get(gateway, READ), 401, "invalid-token");
        assertThat(last().string("step")).isEqualTo(step);
        // The chain of a root for a human whom the anchor may not speak for does not verify: nobody starts anything.
        starts(gateway).stream()
                .skip(before)
                .forEach(start -> assertThat(REASONS.get(step)).contains(start.string("reason")));
    }

    /** Waits until all of them have read it. */
    private static void replace(String template, RunningGateway... gateways) throws IOException {
        Map<LivePolicies, String> before = new HashMap<>();
        for (RunningGateway each : gateways) {
            LivePolicies live = each.context().getBean(LivePolicies.class);
            before.put(live, live.current().revision());
            Files.writeString(each.directory().resolve("tasks/audit.yaml"), template);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> before.entrySet().stream()
                        .noneMatch(each -> each.getKey().current().revision().equals(each.getValue())));
    }

    /** A root of the other anchor with all that the template names, and more. */
    private static TestAgent root(String project) {
        return root(ANCHOR, project);
    }

    private static TestAgent root(String anchor, String project) {
        return root(anchor, "audit", project, 0);
    }

    private static TestAgent root(String anchor, String template, String project, long ageSeconds) {
        return root(anchor, template, project, ageSeconds, TestWorkloads.RELEASE_BOT, GROUPS);
    }

    /** @param more claims behind the others, each with a comma before it */
    private static TestAgent root(
            String anchor, String template, String project, long ageSeconds, String agent, String more) {
        TestKey key = TestKey.ed25519("agent");
        long now = Instant.now().getEpochSecond() - ageSeconds;
        String parameters = project.isEmpty() ? "" : "\"project\":\"" + project + "\"";
        String claims = "{\"jti\":\"" + UUID.randomUUID() + "\",\"iss\":\"" + anchor + "\",\"aud\":\""
                + RunningGateway.ISSUER + "\",\"sub\":\"user:9\",\"act\":{\"sub\":\"" + agent
                + "\"},\"iat\":" + now + ",\"exp\":" + (now + 900) + ",\"cnf\":{\"jwk\":" + key.publicJwk("")
                + "},\"del_depth\":0,\"del_max_depth\":3,\"task\":{\"id\":\"label\",\"template\":\"" + template
                + "\",\"parameters\":{" + parameters + "}},\"authorization_details\":[{\"type\":"
                + "\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{},\"vault:kv.write\":{}}}]" + more + "}";
        String header = "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"kid\":\"as-1\"}";
        return new TestAgent(key, SIGNER.jws(header, claims), List.of());
    }

    private static String humanOf(String issuer) {
        return ",\"sub_id\":{\"format\":\"iss_sub\",\"iss\":\"" + issuer + "\",\"sub\":\"user:9\"}";
    }

    private static void assertStatus(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    }

    private static void assertCode(HttpResponse<String> answer, int status, String code) {
        assertStatus(answer, status);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo(code);
    }
}
