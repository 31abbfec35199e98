package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.jose.TestCertificate;
import dev.errand.state.redis.RedisProcess;
import dev.errand.token.Sha256;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The decision service on TCP: mutual TLS, peers by name, and how it stops. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DecisionTlsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String ATTRIBUTES = "envoy.filters.http.ext_proc";
    private static final String ENVOY = "spiffe://example.org/envoy";

    private static final KeyPair AUTHORITY = TestKey.p256("authority").pair();

    @TempDir
    private static Path directory;

    private static X509Certificate authority;
    private static int port;
    private static RunningGateway gateway;
    private static ManagedChannel known;

    @BeforeAll
    static void start() throws Exception {
        port = FreePort.next();
        long now = System.currentTimeMillis();
        certify(TestKey.p256("errand").pair());
        authority = new TestCertificate(now, AUTHORITY.getPrivate()).ca(AUTHORITY);
        pem("gateways.pem", authority);
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", AskedRoutesFile.with("vault"))
                .property("errand.decision-service.listen", "127.0.0.1:" + port)
                .property("errand.decision-service.tls.certificate", "file:" + directory.resolve("tls.pem"))
                .property("errand.decision-service.tls.key", "file:" + directory.resolve("tls.key"))
                .property("errand.decision-service.tls.clients", "file:" + directory.resolve("gateways.pem"))
                .property("errand.decision-service.tls.names[0]", ENVOY)
                .property("errand.decision-service.client-certificate", "xfcc")
                .property("errand.drain", "3s")
                .start();
        known = peer(ENVOY, AUTHORITY);
    }

    @AfterAll
    static void stop() {
        known.shutdownNow();
        gateway.close();
    }

    /** Gives the service a certificate of that key. */
    private static void certify(KeyPair own) throws Exception {
        certify(own, AUTHORITY, "127.0.0.1");
    }

    private static void certify(KeyPair own, KeyPair signer, String address) throws Exception {
        pem(
                "tls.pem",
                new TestCertificate(System.currentTimeMillis(), signer.getPrivate())
                        .address(address)
                        .purpose(KeyPurposeId.id_kp_serverAuth)
                        .leaf(own.getPublic()));
        write("tls.key", "PRIVATE KEY", own.getPrivate().getEncoded());
    }

    private static Path pem(String name, X509Certificate certificate) throws Exception {
        return write(name, "CERTIFICATE", certificate.getEncoded());
    }

    private static Path write(String name, String what, byte[] der) throws IOException {
        return Files.writeString(directory.resolve(name), pem(what, der));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    /** A gateway whose certificate has this name; null for one without a certificate. */
    private static ManagedChannel peer(@Nullable String name, KeyPair signer) throws Exception {
        return channel(tls(name, signer));
    }

    private static SslContext tls(@Nullable String name, KeyPair signer) throws Exception {
        SslContextBuilder tls = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .trustManager(authority);
        if (name != null) {
            KeyPair own = TestKey.p256(name).pair();
            tls.keyManager(
                    own.getPrivate(),
                    new TestCertificate(System.currentTimeMillis(), signer.getPrivate(), name)
                            .purpose(KeyPurposeId.id_kp_clientAuth)
                            .leaf(own.getPublic()));
        }
        return tls.build();
    }

    private static ManagedChannel channel(SslContext tls) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).sslContext(tls).build();
    }

    private static Status.Code asks(ManagedChannel peer) {
        try {
            ServingStatus status = HealthGrpc.newBlockingStub(peer)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            assertThat(status).isEqualTo(ServingStatus.SERVING);
            return Status.Code.OK;
        } catch (StatusRuntimeException refused) {
            return refused.getStatus().getCode();
        }
    }

    @Test
    void onlyNamedPeersAsk() throws Exception {
        assertThat(asks(known)).isEqualTo(Status.Code.OK);
        assertThat(asks(peer("spiffe://example.org/other", AUTHORITY))).isEqualTo(Status.Code.PERMISSION_DENIED);
        AskingGateway.Stream foreign =
                new AskingGateway.Stream(ExternalProcessorGrpc.newStub(peer("spiffe://example.org/other", AUTHORITY)));
        assertThat(foreign.end()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(asks(peer(ENVOY, TestKey.p256("stranger").pair()))).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(asks(peer(null, AUTHORITY))).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void certificateOfTheService_isReadAgain_andConnectionsGoOn() throws Exception {
        KeyPair next = TestKey.p256("next").pair();
        certify(next);
        RedisProcess.until(
                "the new key is shown", () -> Arrays.equals(next.getPublic().getEncoded(), shown()));
        assertThat(asks(known)).isEqualTo(Status.Code.OK);
        assertThat(asks(peer(ENVOY, AUTHORITY))).isEqualTo(Status.Code.OK);
    }

    /** Each call is asked about on a connection of its own, so Envoy looks at the certificate for each. */
    @Test
    @Tag("envoy")
    void envoy_goesOnAfterTheRenewalOfTheCertificate_andTrustsNoOtherName_andNoOtherAuthority() throws Exception {
        KeyPair own = TestKey.p256(ENVOY).pair();
        Path certificate = pem(
                "envoy.pem",
                new TestCertificate(System.currentTimeMillis(), AUTHORITY.getPrivate(), ENVOY)
                        .purpose(KeyPurposeId.id_kp_clientAuth)
                        .leaf(own.getPublic()));
        Path key = write("envoy.key", "PRIVATE KEY", own.getPrivate().getEncoded());
        try (RecordingUpstream upstream = new RecordingUpstream();
                Envoy envoy = Envoy.before(
                        gateway,
                        directory,
                        List.of(
                                "--vault.uri=" + upstream.uri(),
                                "--errand.decision-service.listen=127.0.0.1:" + port,
                                "--errand.decision-service.tls.certificate=file:" + directory.resolve("tls.pem"),
                                "--errand.decision-service.tls.key=file:" + directory.resolve("tls.key"),
                                "--errand.decision-service.tls.clients=file:" + directory.resolve("gateways.pem"),
                                "--errand.decision-service.tls.names[0]=" + ENVOY),
                        printed -> printed.replace("gateway.pem", certificate.toString())
                                .replace("gateway.key", key.toString())
                                .replace(
                                        "explicit_http_config: {http2_protocol_options: {}}",
                                        "explicit_http_config: {http2_protocol_options: {}}\n"
                                                + "          common_http_protocol_options: {max_requests_per_connection: 1}"))) {
            TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
            assertThat(status(envoy, agent)).isEqualTo(200);
            KeyPair next = TestKey.p256("renewed").pair();
            renew(next, AUTHORITY, "127.0.0.1");
            assertThat(status(envoy, agent))
                    .as("another key of the same authority")
                    .isEqualTo(200);
            upstream.forget();
            KeyPair stranger = TestKey.p256("no-service").pair();
            renew(stranger, AUTHORITY, "127.0.0.2");
            assertThat(status(envoy, agent)).as("another name").isEqualTo(500);
            KeyPair other = TestKey.p256("other-authority").pair();
            renew(TestKey.p256("forger").pair(), other, "127.0.0.1");
            assertThat(status(envoy, agent)).as("another authority").isEqualTo(500);
            assertThat(upstream.seen()).isEmpty();
            renew(next, AUTHORITY, "127.0.0.1");
            assertThat(status(envoy, agent)).isEqualTo(200);
        }
    }

    private static void renew(KeyPair next, KeyPair signer, String address) throws Exception {
        certify(next, signer, address);
        RedisProcess.until(
                "the new key is shown", () -> Arrays.equals(next.getPublic().getEncoded(), shown()));
    }

    private static int status(Envoy envoy, TestAgent agent) {
        return new AgentClient(envoy.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .call(agent.key().agent(), agent.token(), agent.ancestors(), "GET", TestAgent.READ, Map.of(), null)
                .statusCode();
    }

    /** A session that is resumed asks no trust manager: what was true at its beginning may not be true now. */
    @Test
    void authorityThatIsTakenAway_vouchesForNoResumedSession() throws Exception {
        SslContext earlier = tls(ENVOY, AUTHORITY);
        assertThat(asks(earlier)).isEqualTo(Status.Code.OK);
        KeyPair next = TestKey.p256("next-authority").pair();
        try {
            pem("gateways.pem", new TestCertificate(System.currentTimeMillis(), next.getPrivate()).ca(next));
            RedisProcess.until("the new authority vouches", () -> asks(tls(ENVOY, next)) == Status.Code.OK);
            assertThat(asks(earlier)).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(asks(tls(ENVOY, AUTHORITY))).isEqualTo(Status.Code.UNAVAILABLE);
        } finally {
            pem("gateways.pem", authority);
            RedisProcess.until("the authority is back", () -> asks(tls(ENVOY, AUTHORITY)) == Status.Code.OK);
        }
    }

    private static Status.Code asks(SslContext tls) {
        ManagedChannel peer = channel(tls);
        try {
            return asks(peer);
        } finally {
            peer.shutdownNow();
        }
    }

    /** The key that the service shows a new connection. */
    private static byte[] shown() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0].getPublicKey().getEncoded();
        }
    }

    /** A certificate of the agent as Envoy tells it, and the digest that its connection has. */
    private static Map<String, String> forwarded(X509Certificate certificate) throws Exception {
        String cert = URLEncoder.encode(pem("CERTIFICATE", certificate.getEncoded()), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return Map.of(
                "element",
                "Hash=" + digest(certificate) + ";Cert=\"" + cert + "\";Subject=\"CN=\\\"a,b;Cert=x\\\"\"",
                "digest",
                digest(certificate));
    }

    private static String digest(X509Certificate certificate) throws Exception {
        return HexFormat.of().formatHex(Sha256.of(certificate.getEncoded()));
    }

    private static X509Certificate selfSigned(TestKey key) throws Exception {
        KeyPair pair = key.pair();
        return new TestCertificate(System.currentTimeMillis(), pair.getPrivate()).leaf(pair.getPublic());
    }

    /** Whether a call passes whose only proof is the certificate. */
    private static boolean passes(TestAgent agent, String element, @Nullable String digest) {
        AskingGateway.Stream stream = new AskingGateway.Stream(ExternalProcessorGrpc.newStub(known));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "AAT " + agent.token());
        fields.put("x-forwarded-client-cert", element);
        ProcessingRequest.Builder head = AskingGateway.head("GET", TestAgent.READ, fields, true, "vault");
        if (digest != null) {
            Struct told = head.getAttributesOrThrow(ATTRIBUTES);
            head.putAttributes(
                    ATTRIBUTES,
                    told.toBuilder()
                            .putFields(
                                    "connection.sha256_peer_certificate_digest",
                                    Value.newBuilder().setStringValue(digest).build())
                            .build());
        }
        stream.send(head.build());
        ProcessingResponse answer = stream.answer();
        if (answer.hasRequestHeaders()) {
            assertThat(answer.getRequestHeaders()
                            .getResponse()
                            .getHeaderMutation()
                            .getRemoveHeadersList())
                    .contains("x-forwarded-client-cert");
            stream.cancel();
            return true;
        }
        assertThat(answer.getImmediateResponse().getStatus().getCodeValue()).isEqualTo(401);
        stream.halfClose();
        return false;
    }

    @Test
    void certificateOfTheAgent_isTakenOnlyIfItIsTheConnections() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS, TestKey.p256("agent"));
        Map<String, String> own = forwarded(selfSigned(agent.key()));
        Map<String, String> other = forwarded(selfSigned(TestKey.p256("other")));
        String element = own.get("element");
        assertThat(passes(agent, element, own.get("digest"))).isTrue();
        // The gateway's own element stands last.
        assertThat(passes(agent, other.get("element") + "," + element, own.get("digest")))
                .isTrue();
        assertThat(passes(agent, element + "," + other.get("element"), own.get("digest")))
                .isFalse();
        assertThat(passes(agent, element, other.get("digest"))).isFalse();
        assertThat(passes(agent, element, null)).isFalse();
        assertThat(passes(agent, element, "")).isFalse();
        assertThat(passes(agent, element, "00")).isFalse();
        assertThat(passes(agent, element.replace("Cert=", "Chain="), own.get("digest")))
                .isFalse();
        assertThat(passes(agent, element + ";" + other.get("element"), own.get("digest")))
                .isFalse();
        assertThat(passes(agent, "By=x;Cert=\"" + element, own.get("digest"))).isFalse();
        assertThat(passes(agent, "URI=x;".repeat(90) + element, own.get("digest")))
                .isTrue();
        // Each pair costs a look at the whole element.
        assertThat(passes(agent, "URI=x;".repeat(100) + element, own.get("digest")))
                .isFalse();
        assertThat(passes(agent, "Cert=" + "%".repeat(200_000), own.get("digest")))
                .isFalse();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void drain_saysSoFirst_decidesOn_andEndsInUnavailable() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        AskingGateway.Stream waiting = stream(agent);
        assertThat(waiting.answer().hasRequestHeaders()).isTrue();
        CompletableFuture<Void> stop =
                CompletableFuture.runAsync(() -> gateway.context().close());
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(known);
        RedisProcess.until(
                "health says so",
                () -> health.check(HealthCheckRequest.getDefaultInstance()).getStatus() == ServingStatus.NOT_SERVING);
        // Decisions go on.
        AskingGateway.Stream more = stream(agent);
        assertThat(more.answer().hasRequestHeaders()).isTrue();
        more.send(AskingGateway.answerHead(200, Map.of("content-type", "text/event-stream"), false, "via_upstream"));
        assertThat(more.answer().hasResponseHeaders()).isTrue();
        // The event stream has no end of its own.
        assertThat(more.end()).isEqualTo(Status.Code.UNAVAILABLE);
        waiting.send(AskingGateway.answerHead(204, Map.of(), true, "via_upstream"));
        assertThat(waiting.answer().hasResponseHeaders()).isTrue();
        waiting.halfClose();
        assertThat(waiting.end()).isEqualTo(Status.Code.OK);
        stop.get(60, TimeUnit.SECONDS);
    }

    private static AskingGateway.Stream stream(TestAgent agent) {
        AskingGateway.Stream stream = new AskingGateway.Stream(ExternalProcessorGrpc.newStub(known));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "DPoP " + agent.token());
        fields.put("dpop", agent.dpop("GET", TestAgent.READ));
        stream.send(
                AskingGateway.head("GET", TestAgent.READ, fields, true, "vault").build());
        return stream;
    }
}
