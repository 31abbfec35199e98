package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.Patience;
import dev.errand.holder.Proofs;
import dev.errand.it.Approver.Asked;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.LivePolicies;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** More ways to approve wrongly: by what a token says, by a key, by another replica, and during a reload. */
class ApprovalWaysIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Approver ALICE = new Approver(HUMAN, "alice");
    private static final Approver BOB = new Approver(HUMAN, "bob");
    private static final String LIMIT = "limit: {capacity: 1000, per: 1h}, pending: 16";
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static RunningGateway other;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        gateway = replica();
        other = replica();
    }

    private static RunningGateway replica() {
        String client = "clients: [" + Approver.CLIENT + "]";
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .property("errand.operators[0].name", "on-call")
                .property("errand.operators[0].role", "OPERATE")
                .property("errand.operators[0].issuer", HUMAN.issuer())
                .property("errand.operators[0].jwks", "file:idp.jwks")
                .property("errand.operators[0].audience", "errand-operators")
                .property("errand.operators[0].claim", "groups")
                .property("errand.operators[0].any[0]", "approvers")
                .file("tasks/careful.yaml", Approver.template("careful", Approver.BY + ", " + LIMIT, ""))
                .file("tasks/brief.yaml", Approver.template("brief", Approver.BY + ", within: 1s, " + LIMIT, ""))
                .file("tasks/changing.yaml", Approver.template("changing", Approver.BY + ", " + LIMIT, ""))
                .file("tasks/pair.yaml", Approver.template("pair", Approver.BY + ", quorum: 2, " + LIMIT, ""))
                .file(
                        "tasks/others.yaml",
                        Approver.template(
                                "others", "by: {claim: groups, any: [others], clients: [other-client]}, " + LIMIT, ""))
                .file(
                        "tasks/fresh.yaml",
                        Approver.template(
                                "fresh",
                                "by: {claim: groups, any: [approvers], fresh: true, " + client + "}, " + LIMIT,
                                ""))
                .file(
                        "tasks/aged.yaml",
                        Approver.template(
                                "aged",
                                "by: {claim: groups, any: [approvers], max-age: 5m, " + client + "}, " + LIMIT,
                                ""))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        other.close();
        upstream.close();
        redis.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static TestAgent agent(String template) {
        return Templates.started(gateway, HUMAN, WORKLOADS, template);
    }

    private static HttpResponse<String> write(TestAgent agent, String text) {
        return agent.call(
                gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"" + text + "\"}");
    }

    private static Asked asked(TestAgent agent) {
        HttpResponse<String> answer = write(agent, "x");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        return Asked.of(answer);
    }

    @Test
    void callsThatMeetAnOpenRequest_wait_andAreNoRefusals() {
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        Logger denied = (Logger) LoggerFactory.getLogger("dev.errand.denied");
        written.start();
        denied.addAppender(written);
        double before = gateway.value("errand.decisions", "code", "approval-waiting");
        TestAgent agent = agent("careful");
        try {
            for (int i = 0; i < 4; i++) {
                asked(agent);
            }
        } finally {
            denied.detachAppender(written);
        }
        assertThat(written.list).isEmpty();
        assertThat(gateway.value("errand.decisions", "code", "approval-waiting") - before)
                .isEqualTo(3);
        OperatorClient operator = OperatorClient.of(gateway);
        String path = "/decisions?task=" + agent.task();
        assertThat(OperatorClient.objects(operator.json(path + "&outcome=deny"), "decisions"))
                .singleElement()
                .satisfies(opened -> assertThat(opened.get("waiting")).isNull());
        assertThat(OperatorClient.objects(operator.json(path + "&outcome=waiting"), "decisions"))
                .singleElement()
                .satisfies(waiting -> {
                    assertThat(waiting.string("code")).isEqualTo("approval-required");
                    assertThat(waiting.get("waiting")).isEqualTo(new JsonBoolean(true));
                    assertThat(waiting.get("count")).isEqualTo(JsonNumber.of(1));
                });
        await().atMost(Patience.of(Duration.ofSeconds(10))).untilAsserted(() -> {
            JsonObject row = OperatorClient.objects(operator.json("/tasks"), "tasks").stream()
                    .filter(task -> agent.task().equals(task.string("task")))
                    .findFirst()
                    .orElseThrow();
            assertThat(row.get("denied")).isEqualTo(JsonNumber.of(1));
            assertThat(row.get("waiting")).isEqualTo(JsonNumber.of(3));
            assertThat(row.object("last").string("outcome")).isEqualTo("waiting");
        });
    }

    @Test
    void agent_isToldTheDecisionWhenItIsMade() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = asked(agent);
        CompletableFuture<HttpResponse<String>> told = CompletableFuture.supplyAsync(() -> state(agent, asked.id()));
        await().atMost(Patience.of(Duration.ofSeconds(10))).until(() -> waiting() == 1);
        assertThat(ALICE.approve(gateway, asked).statusCode()).isEqualTo(200);
        JsonObject approval = json(told.get(10, TimeUnit.SECONDS)).object("approval");
        assertThat(approval.string("id")).isEqualTo(asked.id());
        assertThat(approval.string("state")).isEqualTo("approved");
        assertThat(waiting()).isZero();
        // Others than the asking agent learn nothing.
        for (String other : List.of(asked.id(), "a-AAAAAAAAAAAAAAAAAAAAAA." + agent.task(), "x")) {
            JsonObject foreign = json(state(agent("careful"), other)).object("approval");
            assertThat(foreign.string("state")).as(other).isEqualTo("ended");
        }
        assertThat(agent.get(gateway, "/oauth2/task?approval=x&operation=vault:kv.read")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void agent_isToldADecisionThatAnotherReplicaTook() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = asked(agent);
        CompletableFuture<HttpResponse<String>> told = CompletableFuture.supplyAsync(() -> state(agent, asked.id()));
        await().atMost(Patience.of(Duration.ofSeconds(10))).until(() -> waiting() == 1);
        assertThat(ALICE.refuse(other, asked).statusCode()).isEqualTo(200);
        assertThat(json(told.get(10, TimeUnit.SECONDS)).object("approval").string("state"))
                .isEqualTo("refused");
    }

    @Test
    void agent_isToldTheEndOfTheRequest() throws Exception {
        TestAgent agent = agent("brief");
        Asked asked = asked(agent);
        long begun = System.nanoTime();
        assertThat(json(state(agent, asked.id())).object("approval").string("state"))
                .isEqualTo("ended");
        assertThat(System.nanoTime() - begun)
                .isLessThan(Patience.of(Duration.ofSeconds(10)).toNanos());
    }

    @Test
    void agent_isToldTheEndOfItsTask() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = asked(agent);
        CompletableFuture<HttpResponse<String>> told = CompletableFuture.supplyAsync(() -> state(agent, asked.id()));
        await().atMost(Patience.of(Duration.ofSeconds(10))).until(() -> waiting() == 1);
        agent.end(gateway);
        assertThat(json(told.get(10, TimeUnit.SECONDS)).string("state")).isEqualTo("completed");
    }

    /** How many agents wait for the end of a request. */
    private static double waiting() {
        MeterRegistry registry = gateway.context().getBean(MeterRegistry.class);
        return registry.get("errand.approvals.waiting").gauge().value();
    }

    private static JsonObject json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return TestAgent.json(answer.body());
    }

    private static HttpResponse<String> state(TestAgent agent, String request) {
        return agent.get(gateway, "/oauth2/task?approval=" + request);
    }

    private static String claims() {
        return new String(Base64.getUrlDecoder().decode(ALICE.token().split("\\.")[1]), StandardCharsets.UTF_8);
    }

    private static String changed(String from, String to) {
        String claims = claims();
        String changed = claims.replaceAll(from, to);
        assertThat(changed).as(from).isNotEqualTo(claims);
        return HUMAN.sign(changed);
    }

    /** The claims of a good token, changed by a pattern, and what is answered to a decision by it. */
    static Stream<Arguments> wrongClaims() {
        long now = Instant.now().getEpochSecond();
        return Stream.of(
                Arguments.of("expired", "\"exp\":\\d+", "\"exp\":" + (now - 60), 401),
                Arguments.of("no end", ",\"exp\":\\d+", "", 401),
                Arguments.of("an end that is text", "\"exp\":(\\d+)", "\"exp\":\"$1\"", 401),
                Arguments.of("not yet good", "\"exp\":", "\"nbf\":" + (now + 600) + ",\"exp\":", 401),
                Arguments.of("issued in the future", "\"iat\":\\d+", "\"iat\":" + (now + 600), 401),
                Arguments.of("no time of issue", "\"iat\":\\d+,", "", 404),
                Arguments.of("issued at a time that is text", "\"iat\":(\\d+)", "\"iat\":\"$1\"", 401),
                Arguments.of("lives too long", "\"exp\":\\d+", "\"exp\":" + (now + 100_000), 401),
                Arguments.of("no human", "\"sub\":\"alice\",", "", 401),
                Arguments.of("a human without a name", "\"sub\":\"alice\"", "\"sub\":\"\"", 401),
                Arguments.of("a human that is a number", "\"sub\":\"alice\"", "\"sub\":7", 401),
                Arguments.of("no audience", "\"aud\":\"[^\"]*\",", "", 401),
                Arguments.of("an audience that begins alike", "(\"aud\":\"[^\"]*)\"", "$1/\"", 401),
                Arguments.of("a client that is a list", "\"azp\":\"([^\"]*)\"", "\"azp\":[\"$1\"]", 401),
                Arguments.of("another client by client_id", "\"azp\":\"[^\"]*\"", "\"client_id\":\"x\"", 401),
                Arguments.of("the client of another template", "\"azp\":\"[^\"]*\"", "\"azp\":\"other-client\"", 404),
                Arguments.of("a workload by cid", "\"azp\":", "\"cid\":\"spiffe://a.example/b\",\"azp\":", 401),
                Arguments.of("an actor that is null", "\"azp\":", "\"act\":{},\"azp\":", 401),
                Arguments.of("no group", ",\"groups\":\\[\"approvers\"]", "", 404),
                Arguments.of("a group within a text", "\\[\"approvers\"]", "\"all-approvers\"", 404),
                Arguments.of("the approvers of another template", "\\[\"approvers\"]", "[\"others\"]", 404),
                Arguments.of("an operator", "\"aud\":\"[^\"]*\"", "\"aud\":\"errand-operators\"", 401),
                Arguments.of("another issuer's name", "\"iss\":\"[^\"]*\"", "\"iss\":\"https://x.example\"", 401));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongClaims")
    void wrongClaim_approvesNothing(String what, String from, String to, int status) {
        TestAgent agent = agent("careful");
        Asked asked = asked(agent);
        String token = changed(from, to);
        HttpResponse<String> answer = Approver.decide(gateway, asked, "approve", token);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        Asked unknown = new Asked("a-AAAAAAAAAAAAAAAAAAAAAA.t-unknown", asked.digest(), "", 0);
        HttpResponse<String> nothing = Approver.decide(gateway, unknown, "approve", token);
        assertThat(nothing.statusCode()).isEqualTo(status);
        assertThat(nothing.body()).isEqualTo(answer.body());
        assertThat(asked(agent).id()).isEqualTo(asked.id());
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void otherFormsOfAToken_areRefused() throws Exception {
        Asked asked = asked(agent("careful"));
        String good = ALICE.token();
        String[] parts = good.split("\\.");
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"none\"}".getBytes());
        String aat = HUMAN.key()
                .jws(
                        "{\"alg\":\"EdDSA\",\"typ\":\"aat+jwt\",\"kid\":\""
                                + HUMAN.key().kid() + "\"}",
                        claims());
        for (String token : List.of(
                none + "." + parts[1] + ".",
                aat,
                parts[0] + "." + parts[1] + "." + "A".repeat(parts[2].length()),
                good + "." + parts[2],
                gateway.operatorToken())) {
            assertThat(Approver.decide(gateway, asked, "approve", token).statusCode())
                    .as(token)
                    .isEqualTo(401);
        }
        String body = "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}";
        String path = "/approvals/" + asked.id();
        assertThat(Approver.send(gateway, "POST", path + "?access_token=" + good, null, body)
                        .statusCode())
                .isEqualTo(401);
        HttpRequest.Builder basic = HttpRequest.newBuilder(URI.create(gateway.address() + path))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString((":" + good).getBytes()))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        assertThat(TestAgent.HTTP.send(basic.build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
        HttpRequest.Builder twice = HttpRequest.newBuilder(URI.create(gateway.address() + path))
                .header("Authorization", "Bearer " + good)
                .header("Authorization", "Bearer " + good)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        assertThat(TestAgent.HTTP.send(twice.build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
        assertThat(Approver.decide(gateway, asked, "approve", good).statusCode())
                .isEqualTo(200);
    }

    private static String authTime(@Nullable Long seconds) {
        return seconds == null
                ? changed("\"auth_time\":\\d+,", "")
                : changed("\"auth_time\":\\d+", "\"auth_time\":" + seconds);
    }

    private static void demanded(HttpResponse<String> answer, int maxAge) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer error=\"insufficient_user_authentication\", max_age=\"" + maxAge + "\"");
    }

    @Test
    void fresh_needsASignInAfterTheRequest() {
        TestAgent agent = agent("fresh");
        long before = Instant.now().getEpochSecond() - 2;
        Asked asked = asked(agent);
        demanded(Approver.decide(gateway, asked, "approve", authTime(before)), 0);
        demanded(Approver.decide(gateway, asked, "approve", authTime(null)), 0);
        String text = changed("\"auth_time\":(\\d+)", "\"auth_time\":\"$1\"");
        demanded(Approver.decide(gateway, asked, "approve", text), 0);
        demanded(Approver.send(gateway, "GET", "/approvals/" + asked.id(), authTime(before), null), 0);
        assertThat(Approver.decide(gateway, asked, "approve", ALICE.token()).statusCode())
                .isEqualTo(200);
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
    }

    @Test
    void maxAge_needsATime() {
        Asked asked = asked(agent("aged"));
        demanded(Approver.decide(gateway, asked, "approve", authTime(null)), 300);
        demanded(
                Approver.decide(
                        gateway, asked, "approve", authTime(Instant.now().getEpochSecond() - 320)),
                300);
        assertThat(Approver.decide(
                                gateway,
                                asked,
                                "approve",
                                authTime(Instant.now().getEpochSecond() - 200))
                        .statusCode())
                .isEqualTo(200);
    }

    /** A decision by a token that is bound to a key, with that proof. */
    private static HttpResponse<String> decide(Asked asked, String token, @Nullable String proof) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.address() + "/approvals/" + asked.id()))
                .header("Authorization", "DPoP " + token)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}"));
        if (proof != null) {
            request.header("DPoP", proof);
        }
        try {
            return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void boundToken_needsAProofByItsKey_forThisRequest_once() throws Exception {
        TestAgent agent = agent("careful");
        Asked asked = asked(agent);
        TestKey key = TestKey.ed25519("human");
        String token = ALICE.token(Approver.AUDIENCE, "approvers", ",\"cnf\":{\"jkt\":\"" + key.thumbprint() + "\"}");
        String url = RunningGateway.ISSUER + "/approvals/" + asked.id();
        Instant now = Instant.now();
        List<String> wrong = new ArrayList<>();
        wrong.add(null);
        wrong.add("x");
        wrong.add(Proofs.dpop(TestKey.ed25519("other").agent(), "POST", url, token, null, now));
        wrong.add(Proofs.dpop(key.agent(), "GET", url, token, null, now));
        wrong.add(Proofs.dpop(key.agent(), "POST", url + "x", token, null, now));
        wrong.add(Proofs.dpop(key.agent(), "POST", url, ALICE.token(), null, now));
        wrong.add(Proofs.dpop(key.agent(), "POST", url, token, null, now.minus(Duration.ofMinutes(5))));
        for (String proof : wrong) {
            assertThat(decide(asked, token, proof).statusCode()).as(proof).isEqualTo(401);
        }
        String look = Proofs.dpop(key.agent(), "GET", url, token, null, now);
        HttpRequest seen = HttpRequest.newBuilder(URI.create(gateway.address() + "/approvals/" + asked.id()))
                .header("Authorization", "DPoP " + token)
                .header("DPoP", look)
                .build();
        assertThat(TestAgent.HTTP.send(seen, BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        assertThat(TestAgent.HTTP.send(seen, BodyHandlers.ofString()).statusCode())
                .as("a proof is good once")
                .isEqualTo(401);
        assertThat(decide(asked, token, Proofs.dpop(key.agent(), "POST", url, token, null, now))
                        .statusCode())
                .isEqualTo(200);
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
    }

    @Test
    void replicas_knowWhatWasDecidedAtAnother() {
        TestAgent agent = agent("pair");
        Asked asked = asked(agent);
        String token = ALICE.token();
        assertThat(TestAgent.json(Approver.decide(gateway, asked, "approve", token)
                                .body())
                        .get("approvals"))
                .isEqualTo(JsonNumber.of(1));
        assertThat(Approver.decide(other, asked, "approve", token).statusCode())
                .as("the same token")
                .isEqualTo(401);
        HttpResponse<String> again = ALICE.approve(other, asked);
        assertThat(TestAgent.json(again.body()).get("approvals"))
                .as("the same human")
                .isEqualTo(JsonNumber.of(1));
        assertThat(TestAgent.json(BOB.approve(other, asked).body()).string("state"))
                .isEqualTo("approved");
        assertThat(BOB.refuse(gateway, asked).statusCode()).isEqualTo(409);
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
        assertThat(BOB.approve(other, asked).statusCode()).isEqualTo(404);
    }

    @Test
    void requestOfAnotherTask_isNotApproved_byItsDigest() {
        Asked one = asked(agent("careful"));
        TestAgent agent = agent("careful");
        Asked two = asked(agent);
        Asked mixed = new Asked(two.id(), one.digest(), "", 0);
        assertThat(ALICE.approve(gateway, mixed).statusCode()).isEqualTo(409);
        Asked moved =
                new Asked(two.id().replaceAll("\\..*", "." + one.id().replaceAll(".*\\.", "")), two.digest(), "", 0);
        assertThat(ALICE.approve(gateway, moved).statusCode()).isEqualTo(404);
        assertThat(asked(agent).id()).isEqualTo(two.id());
    }

    @Test
    void reload_thatChangesWhoApproves_changesItForNewTasksAlone() throws Exception {
        TestAgent before = agent("changing");
        Asked old = asked(before);
        Path file = gateway.directory().resolve("tasks/changing.yaml");
        reload(file, text -> text.replace("any: [approvers]", "any: [others]"));
        TestAgent after = agent("changing");
        Asked now = asked(after);
        String others = ALICE.token(Approver.AUDIENCE, "others", "");
        assertThat(Approver.decide(gateway, old, "approve", others).statusCode())
                .isEqualTo(404);
        assertThat(ALICE.approve(gateway, now).statusCode()).isEqualTo(404);
        assertThat(Approver.decide(gateway, now, "approve", others).statusCode())
                .isEqualTo(200);
        // The other replica has not read the file yet, and takes the text of both revisions from the store.
        assertThat(ALICE.approve(other, old).statusCode()).isEqualTo(200);
        assertThat(write(before, "x").statusCode()).isEqualTo(200);
        assertThat(write(after, "x").statusCode()).isEqualTo(200);
    }

    private static void reload(Path file, UnaryOperator<String> change) throws Exception {
        LivePolicies policies = gateway.context().getBean(LivePolicies.class);
        String before = policies.report().fileRevision();
        Files.writeString(file, change.apply(Files.readString(file)));
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (policies.report().fileRevision().equals(before)) {
            assertThat(System.nanoTime()).as("waited for a minute").isLessThan(deadline);
            Thread.sleep(50);
        }
        assertThat(policies.report().faults()).isEmpty();
    }
}
