package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.jose.TestCertificate;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * X.509-SVIDs over mutual TLS: as the workload's identity where a route demands one, as evidence where it does not, and as
 * the client's authentication at the token endpoint.
 */
class X509SvidIT {
    private static final String BOT = TestWorkloads.RELEASE_BOT;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final KeyPair CA = TestKey.p256("ca").pair();
    private static final KeyPair SVID = TestKey.p256("svid").pair();
    private static final X509Certificate ROOT =
            TestCertificate.authority(System.currentTimeMillis(), CA, "example.org");

    @TempDir
    static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static TestTls tls;
    private static RunningGateway optional;
    private static RunningGateway required;
    private static TestAgent root;
    private static TestAgent child;

    @BeforeAll
    static void start() throws IOException {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        tls = new TestTls(directory);
        optional = gateway("TaskIdentity");
        required = gateway("TaskIdentity=required");
        root = TestAgent.explore(optional, tls.client(), HUMAN, WORKLOADS, TestKey.p256("agent"));
        child = root.child(null, "{}", BOT);
    }

    private static RunningGateway gateway(String identity) throws IOException {
        String shipped = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        return tls.on(RunningGateway.with().trusting(HUMAN, WORKLOADS).upstream(upstream))
                .file("example.org.json", WORKLOADS.bundle(ROOT))
                .file("application.yaml", Edit.replace(shipped, "[TaskIdentity,", "[" + identity + ","))
                .sharing(redis, redis.keys())
                .start();
    }

    @AfterAll
    static void stop() {
        required.close();
        optional.close();
        upstream.close();
        redis.close();
    }

    @AfterEach
    void forget() {
        upstream.forget();
    }

    @Test
    void call_withTheSvidOfTheLeafsWorkload_isAttestedWhetherDemandedOrNot() throws Exception {
        for (RunningGateway gateway : List.of(optional, required)) {
            assertThat(call(gateway, svid(), child).statusCode()).isEqualTo(200);
            assertThat(attested()).isTrue();
        }
    }

    @Test
    void call_withoutAnIdentity_isUnattestedOrRefusedAsTheRouteSays() throws Exception {
        assertThat(call(optional, tls.client(), child).statusCode()).isEqualTo(200);
        assertThat(attested()).isFalse();
        upstream.forget();
        assertMismatch(call(required, tls.client(), child));
    }

    @Test
    void aat_provenAndIdentifiedByOneCertificate_isPermittedWithNothingElse() throws Exception {
        KeyPair pair = root.key().pair();
        HttpClient both = tls.client(pair, good().leaf(pair.getPublic()));
        HttpRequest request = HttpRequest.newBuilder(required.address().resolve(TestAgent.READ))
                .header("Authorization", "AAT " + root.token())
                .build();
        assertThat(both.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    /** What attests nothing: where an identity is demanded the call is refused, elsewhere it goes on unattested. */
    @TestFactory
    List<DynamicTest> call_withACertificateThatIsNoSvidOfTheLeafsWorkload_isNeverAttested() {
        return bad().entrySet().stream()
                .map(bad -> DynamicTest.dynamicTest(bad.getKey(), () -> {
                    upstream.forget();
                    assertMismatch(call(required, bad.getValue(), child));
                    assertThat(call(optional, bad.getValue(), child).statusCode())
                            .isEqualTo(200);
                    assertThat(attested()).isFalse();
                }))
                .toList();
    }

    @Test
    void call_aLeafThatNamesNoWorkload_isNeverAttested() throws Exception {
        TestAgent nameless = root.child();
        assertThat(call(optional, svid(), nameless).statusCode()).isEqualTo(200);
        assertThat(attested()).isFalse();
        upstream.forget();
        assertMismatch(call(required, svid(), nameless));
    }

    @Test
    void call_onAConnectionOlderThanTheBundle_isJudgedByTheBundleOfNow() throws Exception {
        HttpClient kept = svid();
        assertThat(call(required, kept, child).statusCode()).isEqualTo(200);
        Path bundle = required.directory().resolve("example.org.json");
        Files.writeString(bundle, WORKLOADS.bundle());
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(call(required, kept, child).statusCode()).isEqualTo(401));
        Files.writeString(bundle, WORKLOADS.bundle(ROOT));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(call(required, kept, child).statusCode()).isEqualTo(200));
    }

    @Test
    void start_byAnX509Svid_isForThatWorkload() throws Exception {
        TestAgent started =
                TestAgent.start(optional, svid(), TestKey.ed25519("agent"), HUMAN.token(), null, TestAgent.EXPLORE);
        assertThat(Jws.claims(started.token()).object("act").string("sub")).isEqualTo(BOT);
        assertThat(introspected(svid(), started)).isTrue();
        assertThat(introspected(client(good().uris("spiffe://example.org/agent/other-bot")), started))
                .isFalse();
    }

    @TestFactory
    List<DynamicTest> start_withACertificateThatIsNoSvid_isInvalidClient() {
        return bad().entrySet().stream()
                .filter(bad -> !bad.getKey().equals("another workload"))
                .map(bad -> DynamicTest.dynamicTest(
                        bad.getKey(),
                        () -> assertThatThrownBy(() -> TestAgent.start(
                                        optional,
                                        bad.getValue(),
                                        TestKey.ed25519("agent"),
                                        HUMAN.token(),
                                        null,
                                        TestAgent.EXPLORE))
                                .isInstanceOf(AgentException.class)
                                .hasMessageContaining("401")
                                .hasMessageContaining("invalid_client")))
                .toList();
    }

    private static Map<String, HttpClient> bad() {
        long now = System.currentTimeMillis();
        KeyPair stranger = TestKey.p256("stranger").pair();
        Map<String, HttpClient> bad = new LinkedHashMap<>();
        bad.put("another workload", client(good().uris("spiffe://example.org/agent/other-bot")));
        bad.put("two URI SANs", client(good().uris(BOT, "spiffe://example.org/agent/other-bot")));
        bad.put("no URI SAN", client(good().uris()));
        bad.put("another trust domain", client(good().uris("spiffe://example.net/agent/release-bot")));
        bad.put("a trailing slash", client(good().uris(BOT + "/")));
        bad.put("a percent sign", client(good().uris("spiffe://example.org/agent/release%2Dbot")));
        bad.put("expired", client(good().times(now - 120_000, now - 60_000)));
        bad.put("not yet valid", client(good().times(now + 60_000, now + 120_000)));
        bad.put("a longer life than allowed", client(good().times(now - 1_000, now + 3_700_000)));
        bad.put("a CA", client(good().isCa(true)));
        bad.put(
                "a key that may sign certificates",
                client(good().usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)));
        bad.put("a key that may not sign", client(good().usage(KeyUsage.keyAgreement | KeyUsage.keyEncipherment)));
        bad.put("for servers only", client(good().purpose(KeyPurposeId.id_kp_serverAuth)));
        bad.put("by another authority", client(good().signer(stranger.getPrivate())));
        bad.put("self-signed", client(good().signer(SVID.getPrivate())));
        return bad;
    }

    private static TestCertificate good() {
        return new TestCertificate(System.currentTimeMillis(), CA.getPrivate(), BOT);
    }

    private static HttpClient svid() {
        return client(good());
    }

    private static HttpClient client(TestCertificate certificate) {
        return tls.client(SVID, certificate.leaf(SVID.getPublic()));
    }

    private static HttpResponse<String> call(RunningGateway gateway, HttpClient http, TestAgent agent) {
        return new AgentClient(gateway.address(), RunningGateway.ISSUER, http)
                .call(agent.key().agent(), agent.token(), agent.ancestors(), "GET", TestAgent.READ, Map.of(), null);
    }

    private static void assertMismatch(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("identity-mismatch");
        assertThat(upstream.seen()).isEmpty();
    }

    /** Whether the last call's holder was attested, as the upstream was told. */
    private static boolean attested() {
        JsonObject context = Jws.claims(upstream.last().header("Txn-Token")).object("tctx");
        List<?> chain = ((JsonArray) context.get("chain")).values();
        return ((JsonBoolean) ((JsonObject) chain.get(chain.size() - 1)).get("attested")).value();
    }

    private static boolean introspected(HttpClient http, TestAgent agent) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(optional.address().resolve("/oauth2/introspect"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + agent.token()))
                .build();
        String body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return ((JsonBoolean) Jws.object(body).get("active")).value();
    }
}
