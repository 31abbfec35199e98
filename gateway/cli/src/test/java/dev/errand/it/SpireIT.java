package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import io.spiffe.spiffeid.SpiffeId;
import io.spiffe.svid.x509svid.X509Svid;
import io.spiffe.workloadapi.DefaultWorkloadApiClient;
import io.spiffe.workloadapi.WorkloadApiClient;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real SPIRE: its agent's Workload API gives the gateway the bundle, and the caller a JWT-SVID and an X.509-SVID. Run
 * by the Maven profile {@code real-servers}.
 */
@Tag("spire")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SpireIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads NOBODY = TestWorkloads.exampleOrg();
    private static final String BOT = TestWorkloads.RELEASE_BOT;
    private static final String OTHER = "spiffe://example.org/agent/other-bot";
    private static final TestKey KEY = TestKey.ed25519("agent");

    @TempDir
    static Path directory;

    private static Spire spire;
    private static RecordingUpstream upstream;
    private static TestTls tls;
    private static GatewayProcess gateway;
    private static WorkloadApiClient workloads;

    @BeforeAll
    static void start() throws Exception {
        spire = new Spire(directory);
        spire.register(BOT);
        spire.register(OTHER);
        spire.startAgent();
        workloads = DefaultWorkloadApiClient.newClient(DefaultWorkloadApiClient.ClientOptions.builder()
                .spiffeSocketPath(spire.workloadApi())
                .build());
        // The agent answers before it has fetched what is registered.
        await().atMost(Duration.ofSeconds(120))
                .ignoreExceptions()
                .until(() -> x509Svid(BOT).isPresent() && x509Svid(OTHER).isPresent());
        upstream = new RecordingUpstream();
        tls = new TestTls(directory);
        String shipped = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        gateway = new GatewayProcess(
                tls.on(RunningGateway.with().trusting(HUMAN, NOBODY).upstream(upstream))
                        .file(
                                "application.yaml",
                                Edit.replace(
                                        Edit.replace(shipped, "[TaskIdentity,", "[TaskIdentity=required,"),
                                        "bundle: \"file:example.org.json\"",
                                        "bundle: workload-api")),
                GatewayProcess.Launch.classes(
                        List.of("-Xmx256m"), Map.of("SPIFFE_ENDPOINT_SOCKET", spire.workloadApi())));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
        workloads.close();
        spire.close();
    }

    @Test
    @Order(1)
    void call_withAJwtSvidOfTheAgent_isAttested() throws Exception {
        String token = start(tls.client(), svid(BOT, RunningGateway.ISSUER));
        upstream.forget();
        HttpResponse<String> answer =
                call(tls.client(), token, Map.of("Workload-SVID", svid(BOT, RunningGateway.ISSUER + "/vault")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(attested()).isTrue();
    }

    @Test
    @Order(2)
    void call_withAnX509SvidOfTheAgent_isAttestedFromStartToCall() throws Exception {
        HttpClient bot = client(BOT);
        String token = start(bot, null);
        assertThat(Jws.claims(token).object("act").string("sub")).isEqualTo(BOT);
        upstream.forget();
        HttpResponse<String> answer = call(bot, token, Map.of());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(attested()).isTrue();
    }

    @Test
    @Order(3)
    void call_withAnotherWorkloadsSvid_isIdentityMismatch() throws Exception {
        String token = start(tls.client(), svid(BOT, RunningGateway.ISSUER));
        upstream.forget();
        assertMismatch(call(
                tls.client(), token, Map.of("Workload-SVID", svid(OTHER, RunningGateway.ISSUER + "/vault"))));
        assertMismatch(call(tls.client(), token, Map.of("Workload-SVID", svid(BOT, RunningGateway.ISSUER))));
        assertMismatch(call(client(OTHER), token, Map.of()));
        assertMismatch(call(tls.client(), token, Map.of()));
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    @Order(4)
    void start_byAKeyThatIsNotSpires_isInvalidClient() {
        assertThatThrownBy(() -> start(tls.client(), NOBODY.svid(BOT, RunningGateway.ISSUER)))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("invalid_client");
    }

    @Test
    @Order(5)
    void companion_withoutAnSvidFile_getsOneFromTheWorkloadApi() throws Exception {
        String shipped = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        Map<String, String> socket = Map.of("SPIFFE_ENDPOINT_SOCKET", spire.workloadApi());
        try (GatewayProcess plain = new GatewayProcess(
                RunningGateway.with()
                        .trusting(HUMAN, NOBODY)
                        .upstream(upstream)
                        .file(
                                "application.yaml",
                                Edit.replace(shipped, "bundle: \"file:example.org.json\"", "bundle: workload-api")),
                GatewayProcess.Launch.classes(List.of("-Xmx256m"), socket))) {
            Path subject = Files.writeString(directory.resolve("human.jwt"), HUMAN.token());
            Companion companion = new Companion(
                            Map.of("HOME", directory.toString()),
                            List.of("--gateway", plain.address().toString()))
                    .and("--template", "explore", "--param", "project=payments")
                    .and("--subject-token", "@" + subject);
            String[] read = {"sh", "-c", "curl -sf \"$ERRAND_AGENT" + TestAgent.READ + "\""};
            ServerProcess.Outcome without = companion.run(read);
            assertThat(without.exit()).isNotZero();
            assertThat(without.text()).contains("SPIFFE_ENDPOINT_SOCKET");
            upstream.forget();
            ServerProcess.Outcome with = companion
                    .with("SPIFFE_ENDPOINT_SOCKET", spire.workloadApi())
                    .run(read);
            assertThat(with.exit()).as(with.text()).isZero();
            assertThat(Jws.claims(upstream.last().header("Txn-Token"))
                            .object("act")
                            .string("sub"))
                    .isIn(BOT, OTHER);
        }
    }

    @Test
    @Order(6)
    void bundle_aReplacedAuthority_isPickedUpWithoutRestart() throws Exception {
        String before = svid(BOT, RunningGateway.ISSUER);
        start(tls.client(), before);
        spire.replaceJwtAuthority();
        // Long before it expires.
        await().atMost(Duration.ofSeconds(45))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThatThrownBy(() -> start(tls.client(), before))
                        .isInstanceOf(AgentException.class)
                        .hasMessageContaining("invalid_client"));
        await().atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofSeconds(1))
                .ignoreException(AgentException.class)
                .until(() -> start(tls.client(), svid(BOT, RunningGateway.ISSUER)) != null);
    }

    private static String svid(String id, String audience) throws Exception {
        return workloads.fetchJwtSvid(SpiffeId.parse(id), audience).getToken();
    }

    private static HttpClient client(String id) {
        // The agent gives out what it has by now, one identity before the other.
        X509Svid svid = await().atMost(Duration.ofSeconds(60))
                .until(() -> x509Svid(id), Optional::isPresent)
                .orElseThrow();
        List<X509Certificate> chain = svid.getChain();
        return tls.client(
                new KeyPair(chain.get(0).getPublicKey(), svid.getPrivateKey()), chain.toArray(X509Certificate[]::new));
    }

    private static Optional<X509Svid> x509Svid(String id) throws Exception {
        return workloads.fetchX509Context().getX509Svids().stream()
                .filter(svid -> svid.getSpiffeId().toString().equals(id))
                .findFirst();
    }

    private static AgentClient agent(HttpClient http) {
        return new AgentClient(gateway.address(), RunningGateway.ISSUER, http);
    }

    private static String start(HttpClient http, @Nullable String svid) {
        JsonObject answer = agent(http)
                .start(
                        KEY.agent(),
                        new AgentClient.Start(HUMAN.token(), "jwt", svid, Jws.object(TestAgent.EXPLORE), null));
        return String.valueOf(answer.string("access_token"));
    }

    private static HttpResponse<String> call(HttpClient http, String token, Map<String, String> headers) {
        return agent(http).call(KEY.agent(), token, List.of(), "GET", TestAgent.READ, headers, null);
    }

    private static void assertMismatch(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("identity-mismatch");
    }

    private static boolean attested() {
        JsonObject context = Jws.claims(upstream.last().header("Txn-Token")).object("tctx");
        JsonArray chain = (JsonArray) context.get("chain");
        return ((JsonBoolean) ((JsonObject) chain.values().get(0)).get("attested")).value();
    }
}
