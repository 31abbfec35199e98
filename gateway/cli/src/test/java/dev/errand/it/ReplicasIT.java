package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several replicas are one gateway; and what a call leaves behind in the log. */
class ReplicasIT {
    @TempDir
    static Path directory;

    private static Scene scene;

    @BeforeAll
    static void start() throws Exception {
        scene = Scene.start(directory);
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    private static TestAgent fresh() {
        return TestAgent.explore(scene.gateway(), scene.human(), scene.workloads());
    }

    private static void refused(HttpResponse<String> answer, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo(code);
    }

    @Test
    void revoke_onOneReplica_refusesTheNextCallOnTheOther() {
        TestAgent root = fresh();
        TestAgent child = root.child();
        TestAgent sibling = root.child();
        assertThat(child.get(scene.replica(), TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(sibling.get(scene.replica(), TestAgent.READ).statusCode()).isEqualTo(200);

        child.end(scene.gateway());
        refused(child.get(scene.replica(), TestAgent.READ), "task-ended");
        assertThat(sibling.get(scene.replica(), TestAgent.READ).statusCode()).isEqualTo(200);

        root.end(scene.gateway());
        refused(sibling.get(scene.replica(), TestAgent.READ), "task-ended");
        refused(root.get(scene.replica(), TestAgent.READ), "task-ended");
    }

    @Test
    void chain_leftOut_isKnownWhereACallWasPermittedOnly() {
        TestAgent child = fresh().child();
        refused(child.withoutChain().get(scene.gateway(), TestAgent.READ), "chain-incomplete");
        assertThat(child.get(scene.gateway(), TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(child.withoutChain().get(scene.gateway(), TestAgent.READ).statusCode())
                .isEqualTo(200);
        refused(child.withoutChain().get(scene.replica(), TestAgent.READ), "chain-incomplete");
    }

    @Test
    void start_again_givesTheSameTaskToTheSameKeyOnly() {
        TestKey key = TestKey.ed25519("agent");
        String human = scene.human().token();
        String start = "{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}";
        TestAgent first = TestAgent.start(scene.gateway(), key, human, scene.workloads(), start);
        TestAgent again = TestAgent.start(scene.replica(), key, human, scene.workloads(), start);
        assertThat(again.token()).isEqualTo(first.token());
        org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                        TestAgent.start(scene.replica(), TestKey.ed25519("thief"), human, scene.workloads(), start))
                .hasMessageContaining("invalid_grant");
    }

    @Test
    void call_withAnSvid_isRecordedAsAttestedAndHandedToTheUpstream() {
        TestAgent child = fresh().child(null, "{}", TestWorkloads.RELEASE_BOT);
        HttpResponse<String> answer = child.call(
                scene.gateway(), "GET", TestAgent.READ + "?version=2", Map.of("Workload-SVID", scene.svid()), null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

        RecordingUpstream.Seen seen = scene.upstream().last();
        assertThat(seen.target()).isEqualTo("/v1/secret/data/docs/payments/a?version=2");
        assertThat(seen.header("X-Vault-Token")).isEqualTo("replace-me-vault");
        for (String name : List.of("Authorization", "DPoP", "Delegation-Chain", "Workload-SVID")) {
            assertThat(seen.header(name)).isNull();
        }
        JsonObject txn = Jws.claims(String.valueOf(seen.header("Txn-Token")));
        assertThat(txn.string("iss")).isEqualTo(RunningGateway.ISSUER);
        assertThat(txn.string("scope")).isEqualTo("vault:kv.read");

        List<JsonObject> records = scene.gateway().records().stream()
                .map(TestAgent::json)
                .filter(record -> String.valueOf(txn.string("txn")).equals(record.string("decision")))
                .toList();
        assertThat(records).extracting(record -> record.string("kind")).containsExactly("decision", "outcome");
        JsonObject decision = records.get(0);
        assertThat(decision.members().keySet())
                .containsExactly(
                        "kind",
                        "decision",
                        "time",
                        "outcome",
                        "code",
                        "step",
                        "detail",
                        "rule",
                        "task",
                        "template",
                        "revision",
                        "human",
                        "anchor",
                        "agents",
                        "holder",
                        "instruction",
                        "operation",
                        "resource",
                        "args_hash",
                        "arguments",
                        "removed",
                        "method",
                        "route",
                        "budgets",
                        "state_before",
                        "state_after",
                        "mode",
                        "reaction",
                        "over",
                        "gateway",
                        "gateway_name",
                        "traceparent",
                        "approval",
                        "candidate");
        assertThat(decision.string("outcome")).isEqualTo("permit");
        assertThat(decision.string("task")).isEqualTo(child.task());
        assertThat(decision.string("holder")).isEqualTo(child.key().thumbprint());
        assertThat(decision.get("human"))
                .isEqualTo(Jws.object("{\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"}"));
        assertThat(decision.get("resource"))
                .hasToString(Jws.object("{\"r\":[\"secret/docs/payments/a\"]}")
                        .get("r")
                        .toString());
        assertThat(dev.errand.json.Jcs.canonical(decision))
                .contains("\"attested\":true,\"jkt\":\"" + child.key().thumbprint() + "\"");
        assertThat(scene.gateway().records()).noneMatch(line -> line.contains(child.token()));
    }

    @Test
    void proofsOfBothKinds_withEveryAlgorithm_arePermitted() {
        for (TestKey key : List.of(TestKey.ed25519("agent"), TestKey.p256("agent"))) {
            TestAgent root = TestAgent.explore(scene.gateway(), scene.human(), scene.workloads(), key);
            assertThat(root.get(scene.gateway(), TestAgent.READ).statusCode()).isEqualTo(200);
            assertThat(Attempt.aat(root, claims -> claims).send(scene.gateway()).status())
                    .isEqualTo(200);
        }
    }
}
