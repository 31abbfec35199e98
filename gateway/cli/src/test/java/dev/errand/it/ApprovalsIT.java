package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.Patience;
import dev.errand.cli.Errand;
import dev.errand.it.Approver.Asked;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import dev.errand.web.stage.ApprovalRecords;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** A human looks at one call and lets it pass, once, or not. */
class ApprovalsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Approver ALICE = new Approver(HUMAN, "alice");
    private static final Approver BOB = new Approver(HUMAN, "bob");
    private static final String LIMIT = "limit: {capacity: 1000, per: 1h}, pending: 16";
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";
    private static final List<String> MEMBERS = List.of(
            "task",
            "leaf",
            "operation",
            "resource",
            "args_hash",
            "method",
            "target",
            "headers",
            "body",
            "state_before",
            "integrity",
            "revision",
            "code",
            "objections",
            "expires");

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/careful.yaml", Approver.template("careful", Approver.BY + ", " + LIMIT, ""))
                .file("tasks/pair.yaml", Approver.template("pair", Approver.BY + ", quorum: 2, " + LIMIT, ""))
                .file("tasks/brief.yaml", Approver.template("brief", Approver.BY + ", within: 1s, " + LIMIT, ""))
                .file(
                        "tasks/counted.yaml",
                        Approver.template(
                                "counted",
                                Approver.BY + ", " + LIMIT,
                                "rules: [{bounded: vault:kv.write, at-most: 1}]"))
                .file(
                        "tasks/strict.yaml",
                        Approver.template("strict", Approver.BY + ", refused: interrupt, pending: 1", ""))
                .file(
                        "tasks/stepup.yaml",
                        Approver.template(
                                "stepup",
                                "by: {claim: groups, any: [approvers], clients: [" + Approver.CLIENT
                                        + "], acr: [\"urn:example:mfa\"], max-age: 5m, not-starter: true}, " + LIMIT,
                                ""))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
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

    private static Asked asked(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("approval-required");
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("wait");
        return Asked.of(answer);
    }

    private static void code(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue(code);
    }

    private static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return TestAgent.json(answer.body());
    }

    @Test
    void violation_asks_andSaysWhere() {
        TestAgent agent = agent("careful");
        HttpResponse<String> answer = write(agent, "x");
        Asked asked = asked(answer);
        JsonObject problem = TestAgent.json(answer.body());
        assertThat(problem.string("step")).isEqualTo("approval");
        assertThat(problem.string("detail"))
                .contains("does not follow the plan")
                .endsWith(" People decide at " + asked.uri());
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("no");
        assertThat(answer.headers().firstValue("Errand-Approval"))
                .hasValue(asked.uri() + "; expires_in=" + asked.expiresIn());
        assertThat(asked.uri()).isEqualTo(RunningGateway.ISSUER + "/approvals/" + asked.id());
        assertThat(asked.expiresIn()).isBetween(595L, 600L);
        assertThat(asked(write(agent, "x")).id()).isEqualTo(asked.id());
        assertThat(upstream.seen()).isEmpty();
    }

    /** For who has no receiver of events: one line for each request, however often the agent asks. */
    @Test
    void log_saysWhereToDecide_once() {
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        Logger records = (Logger) LoggerFactory.getLogger(ApprovalRecords.class);
        written.start();
        records.addAppender(written);
        Asked asked;
        try {
            TestAgent agent = agent("careful");
            asked = asked(write(agent, "x"));
            asked(write(agent, "x"));
        } finally {
            records.detachAppender(written);
        }
        assertThat(List.copyOf(written.list))
                .filteredOn(event -> event.getFormattedMessage().contains(asked.uri()))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getLevel()).isEqualTo(Level.INFO);
                    assertThat(event.getFormattedMessage())
                            .startsWith("approval requested: decide at " + asked.uri() + " until ")
                            .contains(" template=careful");
                });
    }

    @Test
    void human_seesEveryMemberOfTheDigest() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        JsonObject shown = ok(ALICE.see(gateway, asked.id()));
        assertThat(digest(shown)).isEqualTo(asked.digest()).isEqualTo(shown.string("digest"));
        assertThat(Jcs.canonical(shown.get("objected")))
                .isEqualTo("[{\"at\":\"tasks/careful.yaml:11\",\"code\":\"sequence-violation\",\"counted\":null}]");
        assertThat(Jcs.canonical(shown.get("shown")))
                .isEqualTo("{\"body\":null,\"headers\":{\"content-type\":\"application/json\"}}");
        assertThat(shown.get("refused_before")).isEqualTo(JsonNumber.of(0));
        assertThat(shown.string("task")).isEqualTo(agent.task());
        assertThat(shown.string("operation")).isEqualTo("vault:kv.write");
        assertThat(shown.string("method")).isEqualTo("POST");
        assertThat(shown.string("target")).isEqualTo("/v1/secret/data/docs/payments/a");
        assertThat(shown.string("code")).isEqualTo("sequence-violation");
        assertThat(shown.string("state_before")).isEqualTo("0");
        assertThat(shown.string("integrity")).isIn("trusted", "untrusted");
        assertThat(shown.string("body")).isEqualTo(Sha256.base64UrlOf("{\"data\":\"x\"}"));
        assertThat(shown.string("headers")).isEqualTo(Sha256.base64UrlOf("{\"content-type\":\"application/json\"}"));
        assertThat(((JsonNumber) shown.get("expires")).asLong())
                .isBetween(Instant.now().getEpochSecond() + 590, Instant.now().getEpochSecond() + 601);
        assertThat(shown.object("human").string("sub")).isEqualTo(HUMAN.subject());
        assertThat(((JsonArray) shown.get("consequences")).values()).isEmpty();
        assertThat(shown.object("closest").string("operation")).isEqualTo("vault:kv.read");
    }

    /** The digest of what a human is shown, worked out as the contract says. */
    private static String digest(JsonObject shown) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (String name : MEMBERS) {
            assertThat(shown.members()).as(name).containsKey(name);
            members.put(name, shown.get(name));
        }
        assertThat(shown.string("objections")).isEqualTo(Sha256.base64UrlOf(Jcs.canonicalBytes(shown.get("objected"))));
        return Sha256.labelOf(Jcs.canonicalBytes(new JsonObject(members)));
    }

    @Test
    void approval_passesNoRuleThatNobodyWasShown() {
        TestAgent agent = agent("counted");
        Asked x = asked(write(agent, "x"));
        Asked y = asked(write(agent, "y"));
        ok(ALICE.approve(gateway, x));
        ok(ALICE.approve(gateway, y));
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
        assertThat(ALICE.see(gateway, y.id()).statusCode()).isEqualTo(404);
        Asked again = asked(write(agent, "y"));
        assertThat(again.id()).isNotEqualTo(y.id());
        JsonObject shown = ok(ALICE.see(gateway, again.id()));
        assertThat(Jcs.canonical(shown.get("objected")))
                .isEqualTo("[{\"at\":\"tasks/counted.yaml:11\",\"code\":\"sequence-violation\",\"counted\":null},"
                        + "{\"at\":\"tasks/counted.yaml:15\",\"code\":\"rule-violation\",\"counted\":1}]");
        assertThat(digest(shown)).isEqualTo(again.digest());
        assertThat(upstream.seen()).hasSize(1);
        ok(ALICE.approve(gateway, again));
        assertThat(write(agent, "y").statusCode()).isEqualTo(200);
    }

    @Test
    void callThatAnotherRuleObjectsToNow_isNoLongerShown() {
        TestAgent agent = agent("counted");
        Asked y = asked(write(agent, "y"));
        ok(ALICE.approve(gateway, asked(write(agent, "x"))));
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
        assertThat(ALICE.approve(gateway, y).statusCode()).isEqualTo(404);
        assertThat(ALICE.see(gateway, y.id()).statusCode()).isEqualTo(404);
    }

    @Test
    void earlierRefusals_ofTheSameArguments_areShown() {
        TestAgent agent = agent("careful");
        ok(ALICE.refuse(gateway, asked(write(agent, "x"))));
        ok(BOB.refuse(gateway, asked(write(agent, "y"))));
        Asked asked = asked(write(agent, "z"));
        assertThat(ok(ALICE.see(gateway, asked.id())).get("refused_before")).isEqualTo(JsonNumber.of(2));
        HttpResponse<String> other = agent.call(gateway, "POST", DOC + "b", Map.of(), "{\"data\":\"x\"}");
        assertThat(ok(ALICE.see(gateway, asked(other).id())).get("refused_before"))
                .isEqualTo(JsonNumber.of(0));
    }

    @Test
    void approved_passesOnce_andIsTold() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        JsonObject decided = ok(ALICE.approve(gateway, asked));
        assertThat(decided.string("state")).isEqualTo("approved");
        assertThat(decided.get("approvals")).isEqualTo(JsonNumber.of(1));
        assertThat(decided.get("quorum")).isEqualTo(JsonNumber.of(1));

        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
        assertThat(upstream.last().text()).isEqualTo("{\"data\":\"x\"}");
        JsonObject tctx =
                Jws.claims(String.valueOf(upstream.last().header("Txn-Token"))).object("tctx");
        JsonObject approval = tctx.object("approval");
        assertThat(approval.string("id")).isEqualTo(asked.id());
        assertThat(approval.string("digest")).isEqualTo(asked.digest());
        assertThat(((JsonArray) approval.get("by")).values())
                .containsExactly(TestAgent.json("{\"iss\":\"" + HUMAN.issuer() + "\",\"sub\":\"alice\"}"));

        assertThat(asked(write(agent, "x")).id()).isNotEqualTo(asked.id());
        assertThat(upstream.seen()).hasSize(1);
        List<JsonObject> records =
                gateway.records().stream().map(TestAgent::json).toList();
        assertThat(records.stream()
                        .filter(record -> "approval".equals(record.string("kind"))
                                && asked.id().equals(record.object("approval").string("id")))
                        .map(record -> record.string("outcome")))
                .containsExactly("requested", "approved", "used");
        assertThat(records.stream()
                        .filter(record -> "decision".equals(record.string("kind"))
                                && "permit".equals(record.string("outcome"))
                                && agent.task().equals(record.string("task")))
                        .map(record -> record.object("approval")))
                .containsExactly(approval);
    }

    @Test
    void afterAnApprovedViolation_thePlanStandsWhereItStood() {
        TestAgent agent = agent("careful");
        ok(ALICE.approve(gateway, asked(write(agent, "x"))));
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
    }

    @Test
    void otherCalls_underTheApproval_areAskedAbout() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        ok(ALICE.approve(gateway, asked));
        TestAgent child = agent.child();
        Map<String, String> json = Map.of("Content-Type", "application/json");
        List<HttpResponse<String>> others = List.of(
                write(agent, "y"),
                agent.call(gateway, "POST", DOC + "b", json, "{\"data\":\"x\"}"),
                agent.call(gateway, "PUT", DOC, json, "{\"data\":\"x\"}"),
                agent.call(gateway, "POST", DOC, Map.of("Content-Type", "text/plain"), "{\"data\":\"x\"}"),
                agent.call(
                        gateway,
                        "POST",
                        DOC,
                        Map.of("Content-Type", "application/json", "X-Vault-Request", "true"),
                        "{\"data\":\"x\"}"),
                child.call(gateway, "POST", DOC, json, "{\"data\":\"x\"}"));
        for (HttpResponse<String> other : others) {
            assertThat(asked(other).id()).isNotEqualTo(asked.id());
        }
        assertThat(upstream.seen()).isEmpty();
        Map<String, String> passedOver =
                Map.of("Content-Type", "application/json", "User-Agent", "other/1", "X-Request-Id", "7");
        assertThat(agent.call(gateway, "POST", DOC, passedOver, "{\"data\":\"x\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void planThatMoves_endsTheRequest() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
        assertThat(ALICE.see(gateway, asked.id()).statusCode()).isEqualTo(404);
        assertThat(ALICE.approve(gateway, asked).statusCode()).isEqualTo(404);
        assertThat(asked(write(agent, "x")).id()).isNotEqualTo(asked.id());
    }

    @Test
    void always_isAskedAbout_alsoWhereNothingObjects() {
        TestAgent agent = agent("careful");
        HttpResponse<String> answer = agent.call(gateway, "DELETE", DOC, null);
        Asked asked = asked(answer);
        assertThat(ok(ALICE.see(gateway, asked.id())).string("code")).isEqualTo("approval-required");
        ok(ALICE.approve(gateway, asked));
        assertThat(agent.call(gateway, "DELETE", DOC, null).statusCode()).isEqualTo(200);
        assertThat(asked(agent.call(gateway, "DELETE", DOC, null)).id()).isNotEqualTo(asked.id());
    }

    @Test
    void refused_standsUntilTheTaskEnds() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        assertThat(ok(ALICE.refuse(gateway, asked)).string("state")).isEqualTo("refused");
        code(write(agent, "x"), 403, "approval-refused");
        assertThat(BOB.approve(gateway, asked).statusCode()).isEqualTo(409);
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
        code(write(agent, "x"), 403, "approval-refused");
        asked(write(agent, "y"));
    }

    @Test
    void refused_interrupts_whereTheTemplateSaysSo() {
        TestAgent agent = agent("strict");
        ok(ALICE.refuse(gateway, asked(write(agent, "x"))));
        HttpResponse<String> answer = write(agent, "x");
        code(answer, 403, "approval-refused");
        code(agent.get(gateway, DOC), 401, "task-ended");
    }

    @Test
    void pendingFull_isTheViolationItself() {
        TestAgent agent = agent("strict");
        asked(write(agent, "x"));
        HttpResponse<String> second = write(agent, "y");
        code(second, 403, "sequence-violation");
        assertThat(TestAgent.json(second.body()).get("approval")).isNull();
        HttpResponse<String> always = agent.call(gateway, "DELETE", DOC, null);
        code(always, 403, "approval-required");
        assertThat(TestAgent.json(always.body()).get("approval")).isNull();
        assertThat(agent.get(gateway, DOC).statusCode()).isEqualTo(200);
    }

    @Test
    void expired_isNoMore() {
        TestAgent agent = agent("brief");
        Asked asked = asked(write(agent, "x"));
        ok(ALICE.approve(gateway, asked));
        await().atMost(Patience.of(Duration.ofSeconds(3)))
                .until(() -> ALICE.see(gateway, asked.id()).statusCode() == 404);
        assertThat(asked(write(agent, "x")).id()).isNotEqualTo(asked.id());
    }

    @Test
    void quorum_needsTwoHumans_andOneRefusalRefuses() {
        TestAgent agent = agent("pair");
        Asked asked = asked(write(agent, "x"));
        assertThat(ok(ALICE.approve(gateway, asked)).string("state")).isEqualTo("pending");
        JsonObject again = ok(ALICE.approve(gateway, asked));
        assertThat(again.get("approvals")).isEqualTo(JsonNumber.of(1));
        assertThat(asked(write(agent, "x")).id()).isEqualTo(asked.id());
        Approver starter = new Approver(HUMAN, HUMAN.subject());
        assertThat(starter.approve(gateway, asked).statusCode()).isEqualTo(404);
        assertThat(ok(BOB.approve(gateway, asked)).string("state")).isEqualTo("approved");
        assertThat(BOB.approve(gateway, asked).statusCode()).isEqualTo(409);
        assertThat(write(agent, "x").statusCode()).isEqualTo(200);

        Asked other = asked(write(agent, "y"));
        ok(ALICE.approve(gateway, other));
        assertThat(ok(ALICE.refuse(gateway, other)).string("state")).isEqualTo("refused");
        code(write(agent, "y"), 403, "approval-refused");
    }

    @Test
    void list_hasWhatOneMayDecide() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        JsonObject list = ok(Approver.send(gateway, "GET", "/approvals", ALICE.token(), null));
        assertThat(((JsonArray) list.get("approvals")).values())
                .anyMatch(each -> asked.id().equals(((JsonObject) each).string("id")));
        JsonObject none =
                ok(Approver.send(gateway, "GET", "/approvals", ALICE.token(Approver.AUDIENCE, "others", ""), null));
        assertThat(((JsonArray) none.get("approvals")).values()).isEmpty();
        assertThat(Approver.send(gateway, "GET", "/approvals", null, null).statusCode())
                .isEqualTo(401);
    }

    @Test
    void token_isUsedOnce_andLookingUsesNone() {
        TestAgent agent = agent("careful");
        Asked first = asked(write(agent, "x"));
        Asked second = asked(write(agent, "y"));
        String token = ALICE.token();
        ok(Approver.send(gateway, "GET", "/approvals/" + first.id(), token, null));
        ok(Approver.decide(gateway, first, "approve", token));
        assertThat(Approver.decide(gateway, second, "approve", token).statusCode())
                .isEqualTo(401);
    }

    static Stream<Arguments> wrongTokens() {
        String audience = Approver.AUDIENCE;
        return Stream.of(
                wrong("no token", () -> "", 401),
                wrong("no JWT", () -> "abc", 401),
                wrong("another group", () -> ALICE.token(audience, "others", ""), 404),
                wrong("the audience of starts", () -> ALICE.token("errand", "approvers", ""), 401),
                wrong("another audience", () -> ALICE.token("https://x", "approvers", ""), 401),
                wrong("act", () -> ALICE.token(audience, "approvers", ",\"act\":{\"sub\":\"x\"}"), 401),
                wrong("a subject token of a start", () -> HUMAN.token(), 401),
                wrong(
                        "a key that is not proven",
                        () -> ALICE.token(audience, "approvers", ",\"cnf\":{\"jkt\":\"x\"}"),
                        401),
                wrong(
                        "another detail",
                        () -> ALICE.token(
                                "errand",
                                "approvers",
                                ",\"authorization_details\":[{\"type\":\"errand_approval\",\"digest\":\"sha-256:x\"}]"),
                        401),
                wrong("another client", () -> changed("\"azp\":\"errand-approvals\"", "\"azp\":\"other\""), 401),
                wrong("no client", () -> changed("\"azp\":\"errand-approvals\",", ""), 401),
                wrong(
                        "a workload",
                        () -> changed("\"azp\":\"errand-approvals\"", "\"azp\":\"spiffe://example.org/a\""),
                        401),
                wrong("two clients", () -> changed("\"azp\":", "\"client_id\":\"other\",\"azp\":"), 401),
                wrong(
                        "two audiences",
                        () -> changed("\"aud\":\"" + audience + "\"", "\"aud\":[\"" + audience + "\",\"errand\"]"),
                        401),
                wrong("older than the request", () -> issued(-60), 404),
                wrong(
                        "another issuer",
                        () -> new Approver(new TestHuman("https://other", "x", HUMAN.key()), "alice").token(),
                        401),
                wrong(
                        "another key",
                        () -> new Approver(
                                        new TestHuman(
                                                HUMAN.issuer(),
                                                "x",
                                                TestKey.ed25519(HUMAN.key().kid())),
                                        "alice")
                                .token(),
                        401),
                wrong("the client itself", () -> new Approver(HUMAN, Approver.CLIENT).token(), 401));
    }

    private static Arguments wrong(String what, Supplier<String> token, int status) {
        return Arguments.of(what, token, status);
    }

    private static String issued(long shift) {
        long now = Instant.now().getEpochSecond();
        return claims().replaceAll("\"iat\":\\d+", "\"iat\":" + (now + shift)).transform(HUMAN::sign);
    }

    private static String changed(String from, String to) {
        String claims = claims();
        if (!claims.contains(from)) {
            throw new AssertionError(from);
        }
        return HUMAN.sign(claims.replace(from, to));
    }

    private static String claims() {
        String payload = ALICE.token().split("\\.")[1];
        return new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongTokens")
    void wrongToken_approvesNothing(String what, Supplier<String> made, int status) {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        String token = made.get();
        HttpResponse<String> answer = Approver.decide(gateway, asked, "approve", token);
        assertThat(answer.statusCode()).as(what + answer.body()).isEqualTo(status);
        Asked unknown = new Asked("a-AAAAAAAAAAAAAAAAAAAAAA.t-unknown", asked.digest(), "", 0);
        HttpResponse<String> other = Approver.decide(gateway, unknown, "approve", token);
        if (!what.equals("another detail")) {
            assertThat(other.statusCode())
                    .as("it does not tell whether a request exists")
                    .isEqualTo(status);
            assertThat(other.body()).isEqualTo(answer.body());
        }
        assertThat(asked(write(agent, "x")).id()).isEqualTo(asked.id());
        assertThat(upstream.seen()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"{}", "'{\"decision\":\"yes\",\"digest\":\"x\"}'", "'[]'", "'{\"decision\":\"approve\"}'"})
    void malformedDecision_isRefused(String body) {
        Asked asked = asked(write(agent("careful"), "x"));
        assertThat(Approver.send(gateway, "POST", "/approvals/" + asked.id(), ALICE.token(), body)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void anotherDigest_isAConflict() {
        Asked asked = asked(write(agent("careful"), "x"));
        Asked other = new Asked(asked.id(), "sha-256:x", "", 0);
        assertThat(ALICE.approve(gateway, other).statusCode()).isEqualTo(409);
    }

    @Test
    void detailOfTheDigest_approvesThatRequestAlone() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        Asked other = asked(write(agent, "y"));
        String token = ALICE.token(
                "errand",
                "approvers",
                ",\"authorization_details\":[{\"type\":\"errand_approval\",\"digest\":\"" + asked.digest() + "\"}]");
        assertThat(Approver.decide(gateway, other, "approve", token).statusCode())
                .isEqualTo(401);
        ok(Approver.decide(gateway, asked, "approve", token));
    }

    @Test
    void stepUp_isDemandedWhereAllElseHolds() {
        TestAgent agent = agent("stepup");
        Asked asked = asked(write(agent, "x"));
        HttpResponse<String> weak = ALICE.approve(gateway, asked);
        assertThat(weak.statusCode()).isEqualTo(401);
        assertThat(weak.headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:example:mfa\","
                        + " max_age=\"300\"");
        long old = Instant.now().getEpochSecond() - 400;
        String early = ALICE.token(Approver.AUDIENCE, "approvers", ",\"acr\":\"urn:example:mfa\"");
        String claims = new String(Base64.getUrlDecoder().decode(early.split("\\.")[1]), StandardCharsets.UTF_8);
        assertThat(Approver.decide(
                                gateway,
                                asked,
                                "approve",
                                HUMAN.sign(claims.replaceAll("\"auth_time\":\\d+", "\"auth_time\":" + old)))
                        .statusCode())
                .isEqualTo(401);
        Approver starter = new Approver(HUMAN, HUMAN.subject());
        assertThat(Approver.decide(
                                gateway,
                                asked,
                                "approve",
                                starter.token(Approver.AUDIENCE, "approvers", ",\"acr\":\"urn:example:mfa\""))
                        .statusCode())
                .isEqualTo(404);
        ok(Approver.decide(
                gateway,
                asked,
                "approve",
                ALICE.token(Approver.AUDIENCE, "approvers", ",\"acr\":\"urn:example:mfa\"")));
    }

    @Test
    void tokenForApprovals_startsNothing() {
        String token = HUMAN.sign(claims().replace("[\"approvers\"]", "[\"release-managers\"]")
                .replace(
                        "\"aud\":\"" + Approver.AUDIENCE + "\"", "\"aud\":[\"errand\",\"" + Approver.AUDIENCE + "\"]"));
        assertThatThrownBy(() -> TestAgent.start(
                        gateway,
                        TestKey.ed25519("agent"),
                        token,
                        WORKLOADS,
                        "{\"template\":\"careful\",\"parameters\":{\"project\":\"payments\"}}"))
                .hasMessageContaining("invalid_request");
    }

    @Test
    void endedTask_endsItsRequests() {
        TestAgent agent = agent("careful");
        Asked asked = asked(write(agent, "x"));
        agent.end(gateway);
        assertThat(ALICE.see(gateway, asked.id()).statusCode()).isEqualTo(404);
        assertThat(ALICE.approve(gateway, asked).statusCode()).isEqualTo(404);
    }

    @Test
    void endedLeaf_endsItsRequests() {
        TestAgent agent = agent("careful");
        TestAgent child = agent.child();
        Asked asked = asked(write(child, "x"));
        child.end(gateway);
        assertThat(ALICE.see(gateway, asked.id()).statusCode()).isEqualTo(404);
    }

    @Test
    void command_showsAndDecides(@TempDir Path directory) throws Exception {
        Asked asked = asked(write(agent("careful"), "x"));
        Path human = directory.resolve("human.jwt");
        Files.writeString(human, ALICE.token() + "\n");
        StringWriter out = new StringWriter();
        int wrong = approve(out, asked.id(), "--human", "@" + human, "--digest", "sha-256:x");
        assertThat(wrong).isEqualTo(1);
        int done = approve(out, asked.uri(), "--human", "@" + human, "--digest", asked.digest());
        assertThat(done).as("%s", out).isZero();
        assertThat(out.toString()).contains("\"state\":\"approved\"");
        assertThat(approve(out, asked.id(), "--human", "@" + directory.resolve("none"), "--digest", "d"))
                .isEqualTo(1);
    }

    private static int approve(StringWriter out, String id, String... more) {
        List<String> words = new ArrayList<>(
                List.of("approve", id, "--gateway", gateway.address().toString()));
        words.addAll(List.of(more));
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(words.toArray(String[]::new));
    }

    @Test
    void explanation_saysWhoApproved() {
        TestAgent agent = agent("careful");
        ok(ALICE.approve(gateway, asked(write(agent, "x"))));
        String decision =
                write(agent, "x").headers().firstValue("Errand-Decision").orElseThrow();
        StringWriter out = new StringWriter();
        String log = gateway.directory().resolve("data/provenance").toString();
        Errand.commandLine().setOut(new PrintWriter(out, true)).execute("explain", decision, "--log", log);
        assertThat(out.toString()).contains("approved by alice at " + HUMAN.issuer());
        Errand.commandLine().setOut(new PrintWriter(out, true)).execute("task", agent.task(), "--log", log);
        assertThat(out.toString()).contains("approved vault:kv.write by alice at " + HUMAN.issuer());
    }

    @Test
    void metrics_countRequests() {
        ok(ALICE.approve(gateway, asked(write(agent("careful"), "x"))));
        MeterRegistry registry = gateway.context().getBean(MeterRegistry.class);
        assertThat(registry.get("errand.approvals")
                        .tags("template", "careful", "outcome", "approved")
                        .counter()
                        .count())
                .isPositive();
        assertThat(registry.get("errand.approvals.waited").timer().count()).isPositive();
    }
}
