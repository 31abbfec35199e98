package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.state.InMemoryStartRequests;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.KeptAnswer;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A task that an agent asks for at the device authorization endpoint, and gets at the token endpoint (RFC 8628). */
class DeviceGrantTest {
    private static final Human HUMAN = new Human(IssuerServer.IDP, "user:7f3c");
    private static final String RELEASE =
            "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"},"
                    + "\"calls\":5,\"purpose\":\"REL-42 <b>\",\"instruction\":{\"source\":\"agent\",\"ref\":\"x\"}}]";

    @TempDir
    private Path directory;

    private IssuerServer server;
    private final TestKey holder = TestKeys.of(JwsAlgorithm.ED25519);

    @BeforeEach
    void open() throws Exception {
        server = IssuerServer.start(directory);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static Call ask(TestKey key, String details) {
        return agents(DeviceAuthorization.PATH, key).details(details);
    }

    private static Call agents(String path, TestKey key) {
        Call call = new Call(path);
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, StartRequests.svidClaims()));
        call.holder = key;
        return call;
    }

    private static Call get(TestKey key, String deviceCode) {
        Call call = new Call("/oauth2/token");
        call.form.put("grant_type", DeviceGrant.GRANT_TYPE);
        call.form.put("device_code", deviceCode);
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        // No human's token goes with this grant.
        call.form.put("subject_token", "");
        call.holder = key;
        return call;
    }

    /** A plan is compiled before a human sees it, so an agent may send fewer of them. */
    @Test
    void requestsWithAPlan_countAsMany() throws Exception {
        String planned = RELEASE.replace("\"calls\":5", "\"sequence\":[\"vault:kv.read\"],\"calls\":5");
        try (IssuerServer slow =
                new IssuerServer(directory, false, 10, new InMemoryTaskStore(), new InMemoryStartStore())) {
            assertThat(ask(holder, planned).send(slow).status()).isEqualTo(200);
            // One of two such requests within less than a second is too many.
            assertThat(Stream.generate(() -> ask(holder, planned).send(slow))
                            .limit(50)
                            .filter(reply -> String.valueOf(reply.body().string("error_description"))
                                    .contains("too often"))
                            .findFirst())
                    .hasValueSatisfying(reply -> assertThat(reply.status()).isEqualTo(429));
        }
        try (IssuerServer slowest =
                new IssuerServer(directory, false, 1, new InMemoryTaskStore(), new InMemoryStartStore())) {
            assertThat(ask(holder, planned).send(slowest).status()).isEqualTo(200);
        }
    }

    private JsonObject asked() {
        Reply asked = ask(holder, RELEASE).send(server);
        assertThat(asked.status()).as(asked.raw().body()).isEqualTo(200);
        return asked.body();
    }

    private static String first(JsonObject asked) {
        return String.valueOf(asked.string("user_code")).substring(0, 4);
    }

    private static String device(JsonObject asked) {
        return String.valueOf(asked.string("device_code"));
    }

    private static JsonObject claims() {
        return TestKeys.object(StartRequests.json(StartRequests.humanClaims()));
    }

    private AskedTasks.Seen seen(JsonObject asked) {
        return server.asked.see(first(asked), HUMAN, claims()).block().orElseThrow();
    }

    private boolean decide(JsonObject asked, boolean allows) {
        String digest = seen(asked).request().digest();
        return Boolean.TRUE.equals(server.asked
                .decide(first(asked), digest, allows, HUMAN, claims())
                .block());
    }

    private List<String> what() {
        return server.records.stream()
                .filter(ProvenanceRecord.StartRequest.class::isInstance)
                .map(record -> ((ProvenanceRecord.StartRequest) record).what())
                .toList();
    }

    @Test
    void allowedTask_isGotOnce_andTheSameRequestGetsTheSameAnswer() {
        JsonObject asked = asked();
        assertThat(asked.string("user_code")).matches("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}");
        assertThat(asked.string("verification_uri")).isEqualTo(IssuerServer.ISSUER + "/start");
        assertThat(asked.string("verification_uri_complete"))
                .isEqualTo(IssuerServer.ISSUER + "/start?user_code=" + first(asked));
        assertThat(asked.get("expires_in")).isEqualTo(JsonNumber.of(600));
        assertThat(asked.get("interval")).isEqualTo(JsonNumber.of(5));
        assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("authorization_pending");
        assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("slow_down");

        assertThat(decide(asked, true)).isTrue();
        assertThat(server.asked.see(first(asked), HUMAN, claims()).block()).isEmpty();
        Reply got = get(holder, device(asked)).send(server);
        assertThat(got.status()).as(got.raw().body()).isEqualTo(200);
        assertThat(got.body().string("token_type")).isEqualTo("DPoP");
        JsonObject root = StartRequests.claims(got.token());
        assertThat(root.string("sub")).isEqualTo("user:7f3c");
        assertThat(((JsonNumber) root.get("auth_time")).asLong())
                .isBetween(StartRequests.now() - 90, StartRequests.now() - 55);
        assertThat(root.object("consent").string("by")).isEqualTo("page");
        assertThat(root.object("consent").string("digest")).isEqualTo(digest(root));
        assertThat(root.object("consent").members()).containsOnlyKeys("digest", "by", "at");

        Reply again = get(holder, device(asked)).send(server);
        assertThat(again.token()).isEqualTo(got.token());
        assertThat(what()).containsExactly("opened", "allowed", "used");
        ProvenanceRecord.StartRequest used = (ProvenanceRecord.StartRequest) server.records.stream()
                .filter(ProvenanceRecord.StartRequest.class::isInstance)
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(used.task()).isEqualTo(got.body().string("task_id"));
        assertThat(used.human()).isEqualTo(HUMAN);
        assertThat(used.request()).matches("sr-[A-Za-z0-9_-]{22}");
        assertThat(used.purpose()).isEqualTo("REL-42 <b>");
        ProvenanceRecord.Start start = (ProvenanceRecord.Start) server.records.stream()
                .filter(record -> record instanceof ProvenanceRecord.Start started && started.reason() == null)
                .findFirst()
                .orElseThrow();
        assertThat(start.facts().consent()).isEqualTo(root.object("consent"));

        server.askedLater = Duration.ofSeconds(62);
        assertThat(get(holder, device(asked)).send(server).error())
                .as("a minute after the answer")
                .isEqualTo("invalid_grant");
    }

    @Test
    void agentThatKeepsItsInterval_isNotTooSoon() {
        JsonObject asked = asked();
        long[] seconds = {0, 6, 6, 8, 24};
        List<String> errors = new ArrayList<>();
        for (long later : seconds) {
            server.askedLater = Duration.ofSeconds(later);
            errors.add(get(holder, device(asked)).send(server).error());
        }
        String pending = "authorization_pending";
        assertThat(errors).containsExactly(pending, pending, "slow_down", "slow_down", pending);
    }

    /** The digest as an auditor computes it from the root. */
    private String digest(JsonObject root) {
        JsonObject tools = (JsonObject) list(root, 0);
        JsonObject bounds = (JsonObject) list(root, 1);
        String jkt = IssuerServer.thumbprint(holder).value();
        long lifetime = ((JsonNumber) root.get("exp")).asLong() - ((JsonNumber) root.get("iat")).asLong();
        String members = "{\"template\":\"release\",\"revision\":\""
                + root.object("task").string("revision")
                + "\",\"agent\":\"" + IssuerServer.AGENT + "\",\"jkt\":\"" + jkt + "\",\"instruction\":"
                + Jcs.canonical(root.object("instruction")) + ",\"parameters\":"
                + Jcs.canonical(root.object("task").object("parameters"))
                + ",\"tools\":" + Jcs.canonical(tools.object("tools")) + ",\"calls\":5,\"children\":8,\"limits\":"
                + Jcs.canonical(bounds.get("limits")) + ",\"lifetime\":" + lifetime + ",\"plan\":\""
                + bounds.string("sequence") + "\",\"purpose\":\"REL-42 <b>\",\"standing\":null}";
        return Sha256.labelOf(Jcs.canonicalBytes(StartRequests.parse(members)));
    }

    private static Object list(JsonObject root, int index) {
        return ((dev.errand.json.JsonValue.JsonArray) root.get("authorization_details"))
                .values()
                .get(index);
    }

    /** Whether nobody decided, or a human allowed it and the agent did not come in time. */
    @Test
    void taskWhoseTimeIsOver_isExpired_andRecordedSo() {
        JsonObject pending = asked();
        JsonObject allowed = asked();
        assertThat(decide(allowed, true)).isTrue();
        server.askedLater = Duration.ofSeconds(601);
        for (JsonObject asked : List.of(pending, allowed)) {
            assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("expired_token");
            assertThat(server.asked.see(first(asked), HUMAN, claims()).block()).isEmpty();
        }
        server.asked.expire().block();
        assertThat(what()).containsExactly("opened", "opened", "allowed", "expired", "expired");
    }

    private Reply withdraw(TestKey key, JsonObject asked) {
        Call revoke = agents("/oauth2/revoke", key);
        revoke.form.put("token", device(asked));
        revoke.proof.put("ath", Sha256.base64UrlOf(device(asked)));
        return revoke.send(server);
    }

    @Test
    void withdrawnTask_hasExpired_andLeavesItsPlace() {
        List<JsonObject> all = Stream.generate(this::asked).limit(4).toList();
        assertThat(ask(holder, RELEASE).send(server).status()).isEqualTo(429);
        JsonObject one = all.get(0);
        assertThat(withdraw(TestKeys.of(JwsAlgorithm.ED25519), one).status()).isEqualTo(200);
        assertThat(seen(one)).as("another key withdraws nothing").isNotNull();

        assertThat(withdraw(holder, one).status()).isEqualTo(200);
        assertThat(server.asked.see(first(one), HUMAN, claims()).block()).isEmpty();
        assertThat(get(holder, device(one)).send(server).error()).isEqualTo("expired_token");
        assertThat(withdraw(holder, one).status()).isEqualTo(200);
        assertThat(what()).containsExactly("opened", "opened", "opened", "opened", "expired");
        asked();

        JsonObject allowed = all.get(1);
        assertThat(decide(allowed, true)).isTrue();
        assertThat(withdraw(holder, allowed).status()).isEqualTo(200);
        assertThat(get(holder, device(allowed)).send(server).status()).isEqualTo(200);
    }

    @Test
    void refusedTask_isDenied_andNothingElseIsPossible() {
        JsonObject asked = asked();
        assertThat(decide(asked, false)).isTrue();
        assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("access_denied");
        assertThat(server.asked.see(first(asked), HUMAN, claims()).block()).isEmpty();
        assertThat(what()).containsExactly("opened", "refused");
    }

    @Test
    void codeOfAnotherAgentOrKey_andAnInventedOne_areInvalidGrants() {
        JsonObject asked = asked();
        decide(asked, true);
        assertThat(get(TestKeys.of(JwsAlgorithm.ED25519), device(asked))
                        .send(server)
                        .error())
                .isEqualTo("invalid_grant");
        Call other = get(holder, device(asked));
        other.svid.put("sub", "spiffe://example.org/agent/release-other");
        assertThat(other.send(server).error()).isEqualTo("invalid_grant");
        char last = device(asked).charAt(46);
        String invented = device(asked).substring(0, 46) + (last == 'A' ? 'B' : 'A');
        assertThat(get(holder, invented).send(server).error()).isEqualTo("invalid_grant");
        assertThat(get(holder, "short").send(server).error()).isEqualTo("invalid_grant");
        assertThat(get(holder, device(asked)).send(server).status()).isEqualTo(200);
    }

    @Test
    void humanWhoMayNot_orIsNotTheNamedOne_seesNothing() {
        JsonObject asked = asked();
        Map<String, Object> visitor = StartRequests.humanClaims();
        visitor.put("groups", List.of("visitors"));
        JsonObject claims = TestKeys.object(StartRequests.json(visitor));
        assertThat(server.asked.see(first(asked), HUMAN, claims).block()).isEmpty();
        Reply named = ask(
                        holder,
                        RELEASE.replace(
                                "\"calls\":5",
                                "\"human\":{\"iss\":\"" + IssuerServer.IDP + "\",\"sub\":\"bob\"},\"calls\":5"))
                .send(server);
        assertThat(server.asked.see(first(named.body()), HUMAN, claims()).block())
                .isEmpty();
        assertThat(server.asked
                        .see(first(named.body()), new Human(IssuerServer.IDP, "bob"), claims())
                        .block())
                .isPresent();
    }

    @Test
    void changedTemplate_endsWhatWasAllowedBefore() {
        JsonObject asked = asked();
        decide(asked, true);
        JsonObject pending = asked();
        Template changed = new TemplateParser()
                .parse(StartRequests.TEMPLATES.get(0).replace("calls: 200", "calls: 100"))
                .orElseThrow();
        server.templates.put("release", changed);
        assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("access_denied");
        assertThat(get(holder, device(pending)).send(server).error()).isEqualTo("access_denied");
        assertThat(server.asked.see(first(pending), HUMAN, claims()).block()).isEmpty();
    }

    /** The provider told that the human left. What the human allowed before begins no more; what is allowed later does. */
    @Test
    void humanWhoLeft_endsWhatWasAllowedBefore() {
        JsonObject asked = asked();
        decide(asked, true);
        left(System.currentTimeMillis() + 60_000);
        assertThat(get(holder, device(asked)).send(server).error()).isEqualTo("access_denied");
        assertThat(StartRequests.start().send(server).error()).isEqualTo("access_denied");
        assertThat(server.records)
                .noneMatch(record -> record instanceof ProvenanceRecord.Start start && start.reason() == null);
        left(1);
        assertThat(get(holder, device(asked)).send(server).status()).isEqualTo(200);
        assertThat(StartRequests.start().send(server).status()).isEqualTo(200);
    }

    private void left(long atMillis) {
        String name = LeaverEvents.leftName(HUMAN);
        byte[] at = ByteBuffer.allocate(Long.BYTES).putLong(atMillis).array();
        server.starts.unclaimSubject(name, name).block();
        server.starts
                .claimSubject(name, name, new KeptAnswer(at), System.currentTimeMillis() + 600_000)
                .block();
    }

    @Test
    void allowAndRefuseAtOnce_oneOfThemCounts() {
        JsonObject asked = asked();
        String digest = seen(asked).request().digest();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Boolean>> decisions = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            boolean allows = i % 2 == 0;
            decisions.add(CompletableFuture.supplyAsync(
                    () -> server.asked
                            .decide(first(asked), digest, allows, HUMAN, claims())
                            .block(),
                    threads));
        }
        assertThat(decisions.stream().map(CompletableFuture::join).filter(done -> done))
                .hasSize(1);
        threads.shutdown();
        String end = what().get(1);
        assertThat(get(holder, device(asked)).send(server).status()).isEqualTo(end.equals("allowed") ? 200 : 400);
    }

    @Test
    void manyGetsAtOnce_startOneTask() {
        JsonObject asked = asked();
        decide(asked, true);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Reply>> gets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            gets.add(CompletableFuture.supplyAsync(
                    () -> get(holder, device(asked)).send(server), threads));
        }
        assertThat(gets.stream().map(CompletableFuture::join).map(Reply::token).distinct())
                .hasSize(1)
                .doesNotContainNull();
        threads.shutdown();
        assertThat(what()).containsOnlyOnce("used");
    }

    @Test
    void fifthOpenRequestOfAnAgent_mustWait_untilOneEnds() {
        JsonObject first = asked();
        for (int i = 0; i < 3; i++) {
            asked();
        }
        Reply fifth = ask(holder, RELEASE).send(server);
        assertThat(fifth.status()).isEqualTo(429);
        assertThat(fifth.error()).isEqualTo("temporarily_unavailable");
        assertThat(fifth.raw().headers().firstValueAsLong("Retry-After").orElse(0))
                .isBetween(1L, 601L);
        assertThat(((InMemoryStartRequests) server.requests).kept()).isEqualTo(4);
        decide(first, false);
        assertThat(ask(holder, RELEASE).send(server).status()).isEqualTo(200);
    }

    @Test
    void requestWhoseTokenWouldBeTooLong_isRefusedBeforeAHumanSeesIt() {
        String tools = ",{\"type\":\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{\"resource\":"
                + "{\"constraint_type\":\"exact\",\"value\":\"secret/ci/payments/" + "x".repeat(13_000) + "\"}}}}]";
        Reply reply = ask(holder, RELEASE.replaceFirst("]$", tools)).send(server);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("invalid_authorization_details");
        assertThat(reply.body().string("error_description")).contains("longer than chains may hold");
        assertThat(((InMemoryStartRequests) server.requests).kept()).isZero();
    }

    @Test
    void requestWithoutALog_isNotOpened() {
        server.recording = false;
        assertThat(ask(holder, RELEASE).send(server).status()).isEqualTo(503);
        server.recording = true;
        for (int i = 0; i < 4; i++) {
            asked();
        }
    }

    @Test
    void starts_ofTheTemplate_areCountedAtGet() {
        String strict =
                "[{\"type\":\"errand_start\",\"template\":\"strict\",\"instruction\":{\"source\":\"agent\",\"ref\":\"x\"}}]";
        JsonObject one = ask(holder, strict).send(server).body();
        JsonObject two = ask(holder, strict).send(server).body();
        decide(one, true);
        decide(two, true);
        assertThat(get(holder, device(one)).send(server).status()).isEqualTo(200);
        assertThat(get(holder, device(two)).send(server).status()).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"errand_start","template":"nothing"} | invalid_authorization_details
            {"type":"errand_start","template":"release"} | invalid_authorization_details
            {"type":"errand_start","template":"elsewhere"} | unauthorized_client
            {"type":"errand_start","template":"strict"} | invalid_authorization_details
            {"type":"errand_start","template":"consent","parameters":{"service":"a"},"purpose":7} | invalid_authorization_details
            {"type":"errand_start","template":"consent","parameters":{"service":"a"},"human":"bob"} | invalid_authorization_details
            {"type":"errand_start","template":"consent","parameters":{"service":"a"},"standing":{"runs":2}} | invalid_authorization_details
            """)
    void whatThePolicyRefusesWhoeverTheHumanIs_isRefusedAtOnce(String start, String error) {
        Reply refused = ask(holder, "[" + start + "]").send(server);
        assertThat(refused.error()).isEqualTo(error);
        assertThat(what()).isEmpty();
    }

    @Test
    void pageSatisfiesConsent_thatAStartMustCarryInItsToken() {
        String details = "[{\"type\":\"errand_start\",\"template\":\"consent\",\"parameters\":{\"service\":\"a\"}}]";
        JsonObject asked = ask(holder, details).send(server).body();
        decide(asked, true);
        assertThat(get(holder, device(asked)).send(server).status()).isEqualTo(200);
        Call start = StartRequests.start().details(details);
        assertThat(start.send(server).error()).isEqualTo("invalid_grant");
    }

    @Test
    void narrowerPlan_governsTheTask_andAWiderOneIsToldItsShortestRun() {
        String narrower = RELEASE.replace("\"calls\":5", "\"sequence\":[\"vault:kv.read\"],\"calls\":5");
        JsonObject asked = ask(holder, narrower).send(server).body();
        decide(asked, true);
        Reply got = get(holder, device(asked)).send(server);
        assertThat(got.status()).as(got.raw().body()).isEqualTo(200);
        JsonObject root = StartRequests.claims(got.token());
        String own = server.templates.get("release").enforced().sequence().digest();
        String plan = ((JsonObject) list(root, 1)).string("sequence");
        assertThat(plan).startsWith("sha-256:").isNotEqualTo(own);
        assertThat(root.object("consent").string("digest")).isEqualTo(digest(root));
        assertThat(root.object("task").string("revision"))
                .isEqualTo(server.templates.get("release").revision());
        assertThat(server.starts.findRevision("plan " + plan).block()).contains("[\"vault:kv.read\"]");
        assertThat(get(holder, device(asked)).send(server).token()).isEqualTo(got.token());

        Reply wider = ask(holder, narrower.replace("[\"vault:kv.read\"]", "[{\"vault:kv.read\":4}]"))
                .send(server);
        assertThat(wider.error()).isEqualTo("invalid_authorization_details");
        assertThat(wider.body().string("error_description"))
                .endsWith("shortest run: 1. vault:kv.read, 2. vault:kv.read, 3. vault:kv.read, 4. vault:kv.read");
        Call byToken = StartRequests.start()
                .details(
                        "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"},"
                                + "\"sequence\":[\"vault:kv.read\"]}]");
        assertThat(((JsonObject) list(StartRequests.claims(byToken.send(server).token()), 1)).string("sequence"))
                .isEqualTo(plan);
    }

    @Test
    void subjectTokenAndScope_areNotTaken() {
        Call call = ask(holder, RELEASE);
        call.form.put("subject_token", "x");
        assertThat(call.send(server).error()).isEqualTo("invalid_request");
        Call scoped = ask(holder, RELEASE);
        scoped.form.put("scope", "x");
        assertThat(scoped.send(server).error()).isEqualTo("invalid_scope");
        Call anybody = ask(holder, RELEASE);
        anybody.form.remove("client_assertion");
        assertThat(anybody.send(server).error()).isEqualTo("invalid_client");
    }

    @Test
    void metadata_namesTheEndpointAndTheGrant() {
        Reply metadata = StartRequests.get(server, "/.well-known/oauth-authorization-server");
        assertThat(metadata.body().string("device_authorization_endpoint"))
                .isEqualTo(IssuerServer.ISSUER + "/oauth2/device_authorization");
        assertThat(Jcs.canonical(metadata.body().get("grant_types_supported"))).contains(DeviceGrant.GRANT_TYPE);
    }
}
