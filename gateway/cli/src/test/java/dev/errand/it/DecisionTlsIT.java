package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.TestCertificate;
import dev.errand.state.redis.RedisProcess;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The decision service on TCP: mutual TLS, peers by name, and how it stops. */
class DecisionTlsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String ENVOY = "spiffe://example.org/envoy";

    @TempDir
    private Path directory;

    private final KeyPair authority = TestKey.p256("authority").pair();

    private RunningGateway start(int port) throws Exception {
        long now = System.currentTimeMillis();
        KeyPair own = TestKey.p256("errand").pair();
        pem(
                "tls.pem",
                new TestCertificate(now, authority.getPrivate())
                        .address("127.0.0.1")
                        .purpose(KeyPurposeId.id_kp_serverAuth)
                        .leaf(own.getPublic()));
        key("tls.key", own);
        pem("gateways.pem", new TestCertificate(now, authority.getPrivate()).ca(authority));
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", AskedRoutesFile.with("vault"))
                .property("errand.decision-service.listen", "127.0.0.1:" + port)
                .property("errand.decision-service.tls.certificate", "file:" + directory.resolve("tls.pem"))
                .property("errand.decision-service.tls.key", "file:" + directory.resolve("tls.key"))
                .property("errand.decision-service.tls.clients", "file:" + directory.resolve("gateways.pem"))
                .property("errand.decision-service.tls.names[0]", ENVOY)
                .property("errand.drain", "3s")
                .start();
    }

    private Path pem(String name, X509Certificate certificate) throws Exception {
        return write(name, "CERTIFICATE", certificate.getEncoded());
    }

    private Path key(String name, KeyPair pair) throws IOException {
        return write(name, "PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    private Path write(String name, String what, byte[] der) throws IOException {
        return Files.writeString(
                directory.resolve(name),
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what
                        + "-----\n");
    }

    /** A gateway whose certificate has this name; null for one without a certificate. */
    private ManagedChannel peer(int port, @Nullable String name, KeyPair signer) throws Exception {
        SslContextBuilder tls = GrpcSslContexts.forClient()
                .trustManager(directory.resolve("gateways.pem").toFile());
        if (name != null) {
            KeyPair own = TestKey.p256(name).pair();
            tls.keyManager(
                    own.getPrivate(),
                    new TestCertificate(System.currentTimeMillis(), signer.getPrivate(), name)
                            .purpose(KeyPurposeId.id_kp_clientAuth)
                            .leaf(own.getPublic()));
        }
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(tls.build())
                .build();
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
    void onlyNamedPeersAsk_andADrainEndsInUnavailable() throws Exception {
        int port = RealServer.freePort();
        ManagedChannel known = null;
        RunningGateway gateway = start(port);
        try {
            known = peer(port, ENVOY, authority);
            assertThat(asks(known)).isEqualTo(Status.Code.OK);
            assertThat(asks(peer(port, "spiffe://example.org/other", authority)))
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
            AskingGateway.Stream foreign = new AskingGateway.Stream(
                    ExternalProcessorGrpc.newStub(peer(port, "spiffe://example.org/other", authority)));
            assertThat(foreign.end()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(asks(peer(port, ENVOY, TestKey.p256("stranger").pair()))).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(asks(peer(port, null, authority))).isEqualTo(Status.Code.UNAVAILABLE);
            drains(gateway, known);
        } finally {
            if (known != null) {
                known.shutdownNow();
            }
            gateway.close();
        }
    }

    private static void drains(RunningGateway gateway, ManagedChannel known) throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        AskingGateway.Stream waiting = stream(known, agent);
        assertThat(waiting.answer().hasRequestHeaders()).isTrue();
        CompletableFuture<Void> stop =
                CompletableFuture.runAsync(() -> gateway.context().close());
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(known);
        RedisProcess.until(
                "health says so",
                () -> health.check(HealthCheckRequest.getDefaultInstance()).getStatus() == ServingStatus.NOT_SERVING);
        // Decisions go on.
        AskingGateway.Stream more = stream(known, agent);
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

    private static AskingGateway.Stream stream(ManagedChannel known, TestAgent agent) {
        AskingGateway.Stream stream = new AskingGateway.Stream(ExternalProcessorGrpc.newStub(known));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "DPoP " + agent.token());
        fields.put("dpop", agent.dpop("GET", TestAgent.READ));
        stream.send(
                AskingGateway.head("GET", TestAgent.READ, fields, true, "vault").build());
        return stream;
    }
}
