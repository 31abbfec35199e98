package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.it.RecordingUpstream.Answer;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas and credentials that live with tasks: at a stand-in for Vault, and by JWTs that the upstream itself reads. */
class TaskCredentialsIT {
    private static final String READ = "/vault/v1/secret/data/a";
    private static final String START = "{\"template\":\"work\",\"parameters\":{}}";

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static VaultLogins vault;
    private static RecordingUpstream files;
    private static RunningGateway gateway;
    private static RunningGateway replica;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        vault = new VaultLogins();
        files = new RecordingUpstream();
        Path keys = CredentialKeysFile.in(directory);
        gateway = replica(keys);
        replica = replica(keys);
    }

    @AfterAll
    static void stop() {
        replica.close();
        gateway.close();
        vault.close();
        files.close();
        redis.close();
    }

    @AfterEach
    void well() {
        vault.loginsAnswer(200);
        vault.revocationsAnswer(204);
    }

    private static RunningGateway replica(Path keys) {
        String application = FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault"))
                .replace(
                        "errand:\n",
                        "    - id: ci\n      uri: " + files.uri() + "\n      predicates: [Path=/ci/**]\n"
                                + "      filters: [StripPrefix=1, OperationMapping=ci, UpstreamCredential=ci]\nerrand:\n");
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", application)
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template(FrontedServer.everything("vault") + FrontedServer.everything("ci")))
                .sharing(redis, redis.keys())
                .property("errand.credential-keys", "file:" + keys)
                .property("errand.upstreams.vault.vault-login.url", vault.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault")
                .property("errand.upstreams.ci.task-jwt.audience", "ci")
                .property("errand.upstreams.ci.task-jwt.subject", "human")
                .property("errand.upstreams.ci.task-jwt.claims.env", "staging")
                .start();
    }

    private static TestAgent task() {
        return TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, START);
    }

    private static List<String> tokens(TestAgent agent) {
        return vault.known().entrySet().stream()
                .filter(entry ->
                        agent.task().equals(entry.getValue().object("errand").string("task")))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static void refusedUnsent(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Errand-Code")).contains(code);
        assertThat(answer.headers().firstValue("Errand-Sent")).contains("no");
    }

    @Test
    void eachTaskHasATokenOfItsOwn_whichNamesTaskHumanAndAgent() {
        TestAgent one = task();
        TestAgent other = task();
        assertThat(one.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(one.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(other.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(tokens(one)).hasSize(1).doesNotContainAnyElementsOf(tokens(other));
        JsonObject claims = vault.known().get(tokens(one).get(0));
        assertThat(claims.string("aud")).isEqualTo("vault");
        assertThat(claims.string("iss")).isEqualTo(RunningGateway.ISSUER + "/credentials");
        assertThat(claims.object("errand").object("human").string("sub")).isEqualTo(HUMAN.subject());
        assertThat(claims.object("errand").string("agent")).isEqualTo(TestWorkloads.RELEASE_BOT);
        assertThat(claims.object("act").string("sub")).isEqualTo(TestWorkloads.RELEASE_BOT);
    }

    @Test
    void end_onOneReplica_givesBackOnBoth_withinTwoSeconds() {
        TestAgent agent = task();
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(agent.get(replica, READ).statusCode()).isEqualTo(200);
        List<String> both = tokens(agent);
        assertThat(both).as("one for each replica").hasSize(2);
        agent.end(replica);
        await().atMost(Patience.of(Duration.ofSeconds(2)))
                .until(() -> vault.revoked().containsAll(both));
        String records = String.join("\n", gateway.records()) + String.join("\n", replica.records());
        for (String token : both) {
            await().until(() -> (String.join("\n", gateway.records()) + String.join("\n", replica.records()))
                    .contains("\"what\":\"given-back\",\"hash\":\"" + Sha256.labelOf(token)));
            assertThat(records).doesNotContain(token).contains("\"hash\":\"" + Sha256.labelOf(token));
        }
    }

    @Test
    void interruption_byTheOperator_givesBack() throws Exception {
        TestAgent agent = task();
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        List<String> held = tokens(agent);
        Direct.call(
                "POST",
                "http://127.0.0.1:" + gateway.managementPort() + "/tasks/" + agent.task() + "/interrupt",
                "{\"why\":\"enough\"}",
                "Authorization",
                "Bearer " + gateway.operatorToken());
        await().atMost(Patience.of(Duration.ofSeconds(2)))
                .until(() -> vault.revoked().containsAll(held));
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(401);
    }

    @Test
    void vaultThatRefusesOrIsSlow_is503InTime_andOtherRoutesGoOn() {
        vault.loginsAnswer(500);
        TestAgent agent = task();
        refusedUnsent(agent.get(gateway, READ), 503, "decision-unavailable");
        assertThat(agent.get(gateway, "/ci/api/v1/pipelines/payments/runs").statusCode())
                .isNotEqualTo(503);
        vault.loginsAnswer(200);
        await().until(() -> agent.get(gateway, READ).statusCode() == 200);
        String output = String.join("\n", gateway.records());
        assertThat(output).as("the steps were given back").contains("\"compensated\":true");
    }

    @Test
    void vaultThatDoesNotTakeBack_isAskedAgain_andCounted() throws Exception {
        TestAgent agent = task();
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        List<String> held = tokens(agent);
        vault.revocationsAnswer(500);
        agent.end(gateway);
        await().until(() -> metric("errand_credentials_revoked_total{outcome=\"failed\"") > 0);
        assertThat(vault.revoked()).doesNotContainAnyElementsOf(held);
        vault.revocationsAnswer(204);
        await().atMost(Duration.ofSeconds(15)).until(() -> vault.revoked().containsAll(held));
        await().until(() -> metric("errand_credentials_revoked_total{outcome=\"revoked\"") > 0);
    }

    private static double metric(String begins) {
        String all = Direct.call(
                        "GET",
                        "http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus",
                        "",
                        "Authorization",
                        "Bearer " + gateway.operatorToken())
                .body();
        return all.lines()
                .filter(line -> line.startsWith(begins))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void twoHundredFirstCalls_logInOnce() {
        TestAgent agent = task();
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(
                    CompletableFuture.supplyAsync(() -> agent.get(gateway, READ).statusCode()));
        }
        assertThat(calls.stream().map(CompletableFuture::join)).containsOnly(200);
        assertThat(tokens(agent)).hasSize(1);
        assertThat(metric("errand_credentials{kind=\"vault-login\"")).isPositive();
    }

    @Test
    void taskJwt_isSentAsBearer_andVerifiesByThePublishedKeys() throws Exception {
        files.answer(request -> Answer.of(200, "{}"));
        TestAgent agent = task();
        String target = "/ci/api/v1/pipelines/payments/runs";
        HttpResponse<String> answer = agent.get(gateway, target);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String sent = String.valueOf(files.last().header("Authorization"));
        assertThat(sent).startsWith("Bearer ");
        JsonObject claims = Jws.claims(sent.substring("Bearer ".length()));
        assertThat(claims.string("sub")).isEqualTo(HUMAN.issuer() + "#" + HUMAN.subject());
        assertThat(claims.string("aud")).isEqualTo("ci");
        assertThat(claims.string("env")).isEqualTo("staging");
        HttpResponse<String> metadata =
                Direct.call("GET", gateway.address() + "/credentials/.well-known/openid-configuration", "");
        JsonObject discovered = Jws.object(metadata.body());
        assertThat(discovered.string("issuer")).isEqualTo(claims.string("iss"));
        assertThat(discovered.string("jwks_uri"))
                .isEqualTo(RunningGateway.ISSUER + "/credentials/.well-known/jwks.json");
        String jwks = Direct.call("GET", gateway.address() + "/credentials/.well-known/jwks.json", "")
                .body();
        String kid = String.valueOf(
                Jws.object(Jws.header(sent.substring("Bearer ".length()))).string("kid"));
        assertThat(jwks).contains(kid);
        assertThat(Direct.call("GET", gateway.address() + "/.well-known/jwks.json", "")
                        .body())
                .as("never among the gateway's own keys")
                .doesNotContain(kid);
    }

    @Test
    void start_byATokenThatAnotherActsWith_isRefused() {
        String token = HUMAN.token("release-managers", ",\"act\":{\"sub\":\"spiffe://example.org/agent/release-bot\"}");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> TestAgent.start(gateway, TestKey.ed25519("agent"), token, WORKLOADS, START))
                .hasMessageContaining("invalid_request");
    }

    @Test
    void nothingHad_isInARecordOrMetric() {
        TestAgent agent = task();
        agent.get(gateway, READ);
        Set<String> all = vault.known().keySet();
        assertThat(String.join("\n", gateway.records())).doesNotContain("hvs.secret");
        assertThat(all).isNotEmpty();
    }
}
