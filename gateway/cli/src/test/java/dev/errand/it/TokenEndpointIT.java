package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.task.Task;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Start, revoke and introspect of the running gateway: what they refuse, with status and error, and what may come again. */
class TokenEndpointIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String TEMPLATES = """
            template: %s
            agents: ["spiffe://example.org/agent/%s"]
            humans: {claim: groups, any: [release-managers]%s}
            lifetime: 15m
            parameters: {project: "[a-z]+"}
            allow: {vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}}
            limits: {calls: 100}
            %s
            """;

    private static RunningGateway gateway;
    private static RunningGateway nonces;

    @BeforeAll
    static void start() {
        gateway = gateway().start();
        nonces = gateway().property("errand.proof.nonce", "true").start();
    }

    private static RunningGateway.Builder gateway() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/consent.yaml", TEMPLATES.formatted("consent", "release-bot", ", consent: task", ""))
                .file("tasks/other.yaml", TEMPLATES.formatted("other", "other-bot", "", ""))
                .file("tasks/single.yaml", TEMPLATES.formatted("single", "release-bot", "", "starts: {active: 1}"))
                .file(
                        "tasks/seldom.yaml",
                        TEMPLATES.formatted("seldom", "release-bot", "", "starts: {limit: {capacity: 1, per: 1h}}"));
    }

    @AfterAll
    static void stop() {
        nonces.close();
        gateway.close();
    }

    /** @param status and {@code error} of the answer */
    private record Refused(String name, Supplier<TokenCall> call, int status, String error) {}

    private static TokenCall start(String template) {
        return call().asking(template, "{\"project\":\"payments\"}", "");
    }

    private static TokenCall call() {
        return TokenCall.start(HUMAN, WORKLOADS);
    }

    private static void request(List<Refused> cases, String error, String name, Supplier<TokenCall> call) {
        cases.add(new Refused(name, call, 400, error));
    }

    private static void subject(List<Refused> cases, String name, Supplier<String> token) {
        request(cases, "invalid_request", "a subject token: " + name, () -> call().with("subject_token", token.get()));
    }

    private static void client(List<Refused> cases, String name, Supplier<String> svid) {
        cases.add(new Refused(
                "an assertion: " + name, () -> call().with("client_assertion", svid.get()), 401, "invalid_client"));
    }

    private static void details(List<Refused> cases, String name, String details) {
        request(
                cases,
                "invalid_authorization_details",
                "details: " + name,
                () -> call().with("authorization_details", details));
    }

    private static void proof(List<Refused> cases, String name, Supplier<TokenCall> call) {
        request(cases, "invalid_dpop_proof", "a proof: " + name, call);
    }

    private static List<Refused> refusals() {
        List<Refused> cases = new ArrayList<>();
        shapes(cases);
        subjects(cases);
        clients(cases);
        starts(cases);
        proofs(cases);
        return cases;
    }

    private static void shapes(List<Refused> cases) {
        cases.add(new Refused(
                "a body of more than 64 KiB", () -> call().more("&x=" + "a".repeat(66_000)), 413, "invalid_request"));
        request(cases, "invalid_request", "a JSON body", () -> call().header("Content-Type", "application/json"));
        request(cases, "invalid_request", "a parameter twice", () -> call().more("&grant_type=x"));
        request(cases, "invalid_request", "bad percent-encoding", () -> call().more("&x=%zz"));
        request(cases, "invalid_request", "no grant_type", () -> call().without("grant_type"));
        request(
                cases,
                "unsupported_grant_type",
                "another grant",
                () -> call().with("grant_type", "client_credentials"));
        request(cases, "invalid_request", "an actor_token", () -> call().with("actor_token", HUMAN.token()));
        request(
                cases,
                "invalid_request",
                "a refresh token wanted",
                () -> call().with("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"));
        request(
                cases,
                "invalid_request",
                "a SAML subject",
                () -> call().with("subject_token_type", "urn:ietf:params:oauth:token-type:saml2"));
        request(cases, "invalid_scope", "a scope", () -> call().with("scope", "all"));
        request(
                cases,
                "invalid_target",
                "another audience",
                () -> call().with("audience", "https://other.example.org"));
        request(
                cases,
                "invalid_target",
                "a look-alike resource",
                () -> call().with("resource", RunningGateway.ISSUER + ".evil.org/"));
    }

    private static void subjects(List<Refused> cases) {
        for (String typ : List.of("aat+jwt", "txntoken+jwt", "dpop+jwt", "wit+jwt", "application/AAT+JWT")) {
            subject(cases, "typ " + typ, () -> human(h -> Edit.set(h, "typ", "\"" + typ + "\""), c -> c));
        }
        subject(cases, "noise", () -> "noise");
        subject(cases, "alg none", () -> Jws.input("{\"alg\":\"none\"}", Jws.payload(HUMAN.token())) + ".");
        subject(cases, "HS256 with the public key", () -> {
            String input = Jws.input("{\"alg\":\"HS256\",\"kid\":\"idp-1\"}", Jws.payload(HUMAN.token()));
            byte[] secret = HUMAN.key().publicJwk("").getBytes(StandardCharsets.UTF_8);
            return input + "." + Jws.base64(Jws.hmac(input, secret));
        });
        subject(cases, "another audience", () -> human(h -> h, c -> Edit.set(c, "aud", "\"other\"")));
        subject(cases, "another issuer", () -> human(h -> h, c -> Edit.set(c, "iss", "\"https://evil.example.org\"")));
        subject(cases, "an unknown kid", () -> human(h -> Edit.set(h, "kid", "\"idp-2\""), c -> c));
        subject(cases, "an unknown crit", () -> human(h -> Edit.set(h, "crit", "[\"x\"]"), c -> c));
        subject(cases, "expired", () -> human(h -> h, c -> Edit.set(c, "exp", "" + (now() - 60))));
        subject(cases, "no exp", () -> human(h -> h, c -> Edit.remove(c, "exp")));
        subject(cases, "not yet valid", () -> human(h -> h, c -> Edit.set(c, "nbf", "" + (now() + 60))));
        subject(cases, "a changed payload", () -> {
            String[] parts = HUMAN.token().split("\\.");
            return parts[0] + "." + Jws.base64(Edit.set(Jws.payload(HUMAN.token()), "sub", "\"user:root\"")) + "."
                    + parts[2];
        });
        request(
                cases,
                "invalid_grant",
                "a human outside the group",
                () -> call().with("subject_token", HUMAN.token("guests", "")));
        request(
                cases,
                "invalid_request",
                "may_act names another",
                () -> call().with(
                                "subject_token",
                                HUMAN.token(
                                        "release-managers",
                                        ",\"may_act\":{\"sub\":\"spiffe://example.org/agent/other-bot\"}")));
        request(
                cases,
                "invalid_request",
                "may_act names nobody",
                () -> call().with("subject_token", HUMAN.token("release-managers", ",\"may_act\":{}")));
        request(cases, "invalid_grant", "no consent where it is demanded", () -> start("consent"));
        request(
                cases,
                "invalid_grant",
                "consent to other parameters",
                () -> start("consent").with("subject_token", consenting("{\"project\":\"billing\"}")));
        request(
                cases,
                "invalid_grant",
                "consent to another template",
                () -> call().with("subject_token", consenting("{\"project\":\"payments\"}")));
    }

    private static void clients(List<Refused> cases) {
        cases.add(new Refused(
                "no client",
                () -> call().without("client_assertion").without("client_assertion_type"),
                401,
                "invalid_client"));
        cases.add(new Refused(
                "an assertion of another type",
                () -> call().with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                401,
                "invalid_client"));
        cases.add(new Refused("a client_secret", () -> call().with("client_secret", "x"), 401, "invalid_client"));
        cases.add(new Refused(
                "another client_id",
                () -> call().with("client_id", "spiffe://example.org/agent/other-bot"),
                401,
                "invalid_client"));
        client(cases, "for a route", () -> WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER + "/vault"));
        client(
                cases,
                "of another trust domain",
                () -> WORKLOADS.svid("spiffe://example.net/agent/release-bot", RunningGateway.ISSUER));
        client(
                cases,
                "of a stranger's key",
                () -> TestWorkloads.exampleOrg().svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
        client(cases, "a trailing slash", () -> WORKLOADS.svid(TestWorkloads.RELEASE_BOT + "/", RunningGateway.ISSUER));
        client(
                cases,
                "a longer life than allowed",
                () -> WORKLOADS.sign(Edit.set(
                        Jws.payload(WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER)),
                        "exp",
                        "" + (now() + 3_700))));
        request(cases, "unauthorized_client", "a template for another agent", () -> start("other"));
    }

    private static void starts(List<Refused> cases) {
        details(cases, "none", "");
        details(cases, "no array", "{}");
        details(cases, "no start", "[]");
        details(cases, "an unknown type", "[{\"type\":\"payment\"}]");
        details(cases, "an unknown template", "[{\"type\":\"errand_start\",\"template\":\"none\"}]");
        details(
                cases,
                "a parameter off its pattern",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"../x\"}}]");
        details(cases, "a parameter missing", "[{\"type\":\"errand_start\",\"template\":\"explore\"}]");
        details(
                cases,
                "a parameter too many",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"a\",\"x\":\"b\"}}]");
        details(cases, "a duplicate member", "[{\"type\":\"errand_start\",\"type\":\"errand_start\"}]");
        details(
                cases,
                "an unknown member",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"a\"},\"x\":1}]");
        details(
                cases,
                "negative calls",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"a\"},\"calls\":-1}]");
        details(
                cases,
                "incomparable tools",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"a\"}},{\"type\":\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"not_one_of\",\"excluded\":[\"x\"]}}}}]");
        details(
                cases,
                "nothing of the template",
                "[{\"type\":\"errand_start\",\"template\":\"explore\",\"parameters\":{\"project\":\"a\"}},{\"type\":\"attenuating_agent_token\",\"tools\":{\"ci:pipeline.get\":{}}}]");
    }

    private static void proofs(List<Refused> cases) {
        proof(cases, "none", () -> call().proofs(""));
        proof(cases, "two", () -> call().proof(c -> c).proof(c -> c));
        proof(cases, "noise", () -> call().proofs("noise"));
        proof(cases, "another method", () -> call().proof(c -> Edit.set(c, "htm", "\"GET\"")));
        proof(
                cases,
                "another path",
                () -> call().proof(c -> Edit.set(c, "htu", "\"" + RunningGateway.ISSUER + "/oauth2/revoke\"")));
        proof(
                cases,
                "the address instead of the issuer",
                () -> call().proof(c -> Edit.set(c, "htu", "\"" + gateway.address() + "/oauth2/token\"")));
        proof(cases, "too old", () -> call().proof(c -> Edit.set(c, "iat", "" + (now() - 45))));
        proof(cases, "of the future", () -> call().proof(c -> Edit.set(c, "iat", "" + (now() + 45))));
        proof(
                cases,
                "a jti of 129 characters",
                () -> call().proof(c -> Edit.set(c, "jti", "\"" + "j".repeat(129) + "\"")));
        proof(cases, "no jti", () -> call().proof(c -> Edit.remove(c, "jti")));
        proof(cases, "a private key in its header", () -> {
            TokenCall call = call();
            String header = Edit.set(Attempt.dpopHeader(call.holder), "jwk", Jcs.canonical(call.holder.jwk()));
            String good = TokenCall.start(HUMAN, WORKLOADS)
                    .by(call.holder)
                    .proof(c -> c)
                    .proofs
                    .get(0);
            return call.proofs(call.holder.jws(header, Jws.payload(good)));
        });
    }

    @TestFactory
    List<DynamicTest> start_refused() {
        return refusals().stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> {
                    HttpResponse<String> answer = c.call().get().send(gateway);
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(c.status());
                    assertThat(error(answer)).isEqualTo(c.error());
                    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
                    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                            .startsWith("application/json");
                }))
                .toList();
    }

    @Test
    void refusals_count_isNotBelowWhatWasPromised() {
        assertThat(refusals()).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void start_unchanged_isGrantedAndACachedSvidMayComeAgain() {
        TokenCall first = call();
        HttpResponse<String> granted = first.send(gateway);
        assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
        HttpResponse<String> again = call().with("client_assertion", first.form.get("client_assertion"))
                .send(gateway);
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
        assertThat(text(again, "task_id")).isNotEqualTo(text(granted, "task_id"));
    }

    @Test
    void start_theSameRequestByTheSameKey_getsTheSameTaskAndNobodyElseDoes() {
        TokenCall call = call();
        String task = text(call.send(gateway), "task_id");
        assertThat(text(call.send(gateway), "task_id")).isEqualTo(task);
        assertThat(text(
                        call.with("client_assertion", WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER))
                                .send(gateway),
                        "task_id"))
                .isEqualTo(task);
        assertRefused(
                call().with("subject_token", call.form.get("subject_token")).send(gateway), 400, "invalid_grant");
        assertRefused(call.asking("explore", "{\"project\":\"billing\"}", "").send(gateway), 400, "invalid_grant");
    }

    @Test
    void start_refused_leavesTheSubjectTokenUnused() {
        TokenCall call = start("other");
        assertRefused(call.send(gateway), 400, "unauthorized_client");
        assertThat(call.asking("explore", "{\"project\":\"payments\"}", "")
                        .send(gateway)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void start_aProofUsedBefore_isRefused() {
        TokenCall call = call().proof(c -> c);
        assertThat(call.send(gateway).statusCode()).isEqualTo(200);
        assertRefused(call.send(gateway), 400, "invalid_dpop_proof");
    }

    @Test
    void start_consented_isGranted() {
        assertThat(start("consent")
                        .with("subject_token", consentingTo("consent", "{\"project\":\"payments\"}"))
                        .send(gateway)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void start_beyondItsTemplatesStarts_isTooManyUntilOneEnds() {
        TokenCall first = start("single");
        String token = text(first.send(gateway), "access_token");
        assertRefused(start("single").send(gateway), 429, "temporarily_unavailable");
        new TestAgent(first.holder, token, List.of()).end(gateway);
        assertThat(start("single").send(gateway).statusCode()).isEqualTo(200);
        assertThat(start("seldom").send(gateway).statusCode()).isEqualTo(200);
        HttpResponse<String> tooSoon = start("seldom").send(gateway);
        assertRefused(tooSoon, 429, "temporarily_unavailable");
        assertThat(tooSoon.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void start_nonceSwitchedOn_isAskedForAndThenAccepted() {
        HttpResponse<String> asked = call().send(nonces);
        assertRefused(asked, 400, "use_dpop_nonce");
        String nonce = asked.headers().firstValue("DPoP-Nonce").orElseThrow();
        assertThat(call().proof(c -> Edit.set(c, "nonce", "\"" + nonce + "\""))
                        .send(nonces)
                        .statusCode())
                .isEqualTo(200);
        assertRefused(call().proof(c -> Edit.set(c, "nonce", "\"AAAA\"")).send(nonces), 400, "use_dpop_nonce");
    }

    @Test
    void start_aClientThatAsksWithoutPause_isSlowedDownAndOthersAreNot() {
        String eager = WORKLOADS.svid("spiffe://example.org/agent/eager", RunningGateway.ISSUER);
        HttpResponse<String> slowed = null;
        for (int round = 0; slowed == null && round < 50; round++) {
            List<CompletableFuture<HttpResponse<String>>> burst = IntStream.range(0, 200)
                    .mapToObj(i ->
                            call().with("client_assertion", eager).proofs("").sendAsync(gateway))
                    .toList();
            slowed = burst.stream()
                    .map(CompletableFuture::join)
                    .filter(answer -> answer.statusCode() == 429)
                    .findFirst()
                    .orElse(null);
        }
        assertThat(slowed).isNotNull();
        assertRefused(slowed, 429, "temporarily_unavailable");
        assertThat(slowed.headers().firstValue("Retry-After")).contains("1");
        assertThat(call().send(gateway).statusCode()).isEqualTo(200);
    }

    /** Whoever holds a token may make others below it and end them: that takes nobody's room, and is told when refused. */
    @Test
    void revoke_tokensThatNobodyUses_isBoundedAndEndsNobodyElse() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = agent.child();
        int status = 200;
        int ended = 0;
        while (status == 200 && ended <= Task.MAX_UNUSED) {
            HttpResponse<String> answer = TokenCall.revoke(child.child()).send(gateway);
            status = answer.statusCode();
            ended += status == 200 ? 1 : 0;
            if (status != 200) {
                assertRefused(answer, 400, "invalid_request");
            }
        }
        assertThat(ended).isEqualTo(Task.MAX_UNUSED);
        assertThat(TestAgent.json(agent.child().get(gateway, TestAgent.READ).body())
                        .string("code"))
                .as("permitted, and no upstream is there")
                .isEqualTo("upstream-unavailable");
        assertThat(TokenCall.revoke(child).send(gateway).statusCode()).isEqualTo(200);
        assertThat(TestAgent.json(child.get(gateway, TestAgent.READ).body()).string("code"))
                .isEqualTo("task-ended");
    }

    @Test
    void revoke_withoutAGoodProofOfAHolder_endsNothing() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = agent.child();
        TestKey stranger = TestKey.ed25519("stranger");
        for (TokenCall call : List.of(
                TokenCall.revoke(agent).proofs(""),
                TokenCall.revoke(agent).proofs("noise"),
                TokenCall.revoke(agent).by(stranger),
                TokenCall.revoke(agent).by(child.key()),
                TokenCall.revoke(agent).proof(c -> Edit.remove(c, "ath")),
                TokenCall.revoke(agent).proof(c -> Edit.set(c, "ath", "\"" + Jws.sha256("x") + "\"")),
                TokenCall.revoke(agent).proof(c -> Edit.set(c, "htm", "\"DELETE\"")))) {
            assertRefused(call.send(gateway), 400, "invalid_dpop_proof");
        }
        assertRefused(TokenCall.revoke(agent).proof(c -> c).without("token").send(gateway), 400, "invalid_request");
        assertThat(active(TokenCall.introspect(agent))).isTrue();
        assertThat(TokenCall.revoke(child).by(agent.key()).send(gateway).statusCode())
                .isEqualTo(200);
        assertThat(active(TokenCall.introspect(child))).isFalse();
        assertThat(active(TokenCall.introspect(agent))).isTrue();
    }

    /** A stranger must not learn which of the tokens that it found is genuine. */
    @Test
    void revoke_byAStranger_answersAlikeWhateverTheToken() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestKey stranger = TestKey.ed25519("stranger");
        String genuine = agent.token();
        String forged = genuine.substring(0, genuine.length() - 3) + (genuine.endsWith("AAA") ? "BBB" : "AAA");
        HttpResponse<String> ofTheGenuine = TokenCall.revoke(agent).by(stranger).send(gateway);
        assertRefused(ofTheGenuine, 400, "invalid_dpop_proof");
        for (String other :
                List.of(forged, "nonsense", stranger.jws("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", "{}"))) {
            HttpResponse<String> answer =
                    TokenCall.revoke(agent).by(stranger).with("token", other).send(gateway);
            assertThat(answer.statusCode()).as(other).isEqualTo(ofTheGenuine.statusCode());
            assertThat(answer.body()).as(other).isEqualTo(ofTheGenuine.body());
        }
        assertThat(active(TokenCall.introspect(agent))).isTrue();
    }

    @Test
    void introspect_byOthersThanAHolderOrTheAgent_isInactive() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = agent.child();
        assertThat(active(TokenCall.introspect(child))).isTrue();
        assertThat(active(TokenCall.introspect(child).by(agent.key()))).isTrue();
        assertThat(active(TokenCall.introspect(agent).by(child.key()))).isFalse();
        assertThat(active(TokenCall.introspect(agent).by(TestKey.ed25519("stranger"))))
                .isFalse();
        assertThat(active(TokenCall.introspect(agent).with("token", "noise"))).isFalse();
        assertThat(active(asClient(agent, TestWorkloads.RELEASE_BOT))).isTrue();
        assertThat(active(asClient(agent, "spiffe://example.org/agent/other-bot")))
                .isFalse();
        assertRefused(TokenCall.introspect(agent).proofs("").send(gateway), 401, "invalid_client");
        assertRefused(
                asClient(agent, TestWorkloads.RELEASE_BOT)
                        .with("client_assertion", "noise")
                        .send(gateway),
                401,
                "invalid_client");
    }

    private static TokenCall asClient(TestAgent agent, String workload) {
        return TokenCall.introspect(agent)
                .proofs("")
                .with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe")
                .with("client_assertion", WORKLOADS.svid(workload, RunningGateway.ISSUER));
    }

    private static String human(UnaryOperator<String> header, UnaryOperator<String> claims) {
        String good = HUMAN.token();
        return HUMAN.key().jws(header.apply(Jws.header(good)), claims.apply(Jws.payload(good)));
    }

    private static String consenting(String parameters) {
        return consentingTo("consent", parameters);
    }

    private static String consentingTo(String template, String parameters) {
        return HUMAN.token(
                "release-managers",
                ",\"authorization_details\":[{\"type\":\"errand_start\",\"template\":\"" + template
                        + "\",\"parameters\":" + parameters + "}]");
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static boolean active(TokenCall call) {
        HttpResponse<String> answer = call.send(gateway);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ((JsonBoolean) TestAgent.json(answer.body()).get("active")).value();
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String error) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(error(answer)).isEqualTo(error);
    }

    private static String error(HttpResponse<String> answer) {
        return text(answer, "error");
    }

    private static String text(HttpResponse<String> answer, String member) {
        return String.valueOf(TestAgent.json(answer.body()).string(member));
    }
}
