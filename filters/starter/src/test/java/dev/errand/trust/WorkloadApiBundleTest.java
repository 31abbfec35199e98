package dev.errand.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestCertificate;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.Workload;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A bundle by the Workload API, over gRPC, from an endpoint that answers as an agent does. */
@Execution(ExecutionMode.CONCURRENT)
class WorkloadApiBundleTest {
    private static final long NOW = System.currentTimeMillis();
    private static final TestKey JWT = TestKeys.of(JwsAlgorithm.ES256, "j1");
    private static final TestKey CA = TestKeys.of(JwsAlgorithm.ES256);
    private static final X509Certificate ROOT = TestCertificate.authority(NOW, CA.pair(), "example.org");
    private static final RefreshPolicy OFTEN =
            new RefreshPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofHours(1), Duration.ofMillis(100));

    private volatile String jwks = "{\"keys\":[" + jwk(JWT) + "]}";
    private volatile boolean refusing;
    private Server agent;
    private WorkloadApiBundle bundle;

    private static String jwk(TestKey key) {
        return key.jwk(",\"use\":\"jwt-svid\",\"kid\":\"" + key.kid() + "\"");
    }

    private final class Endpoint extends SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase {
        @Override
        public void fetchJWTBundles(
                Workload.JWTBundlesRequest request, StreamObserver<Workload.JWTBundlesResponse> answer) {
            answer(
                    answer,
                    Workload.JWTBundlesResponse.newBuilder()
                            .putBundles("spiffe://example.org", ByteString.copyFrom(jwks, StandardCharsets.UTF_8))
                            .build());
        }

        @Override
        public void fetchX509Bundles(
                Workload.X509BundlesRequest request, StreamObserver<Workload.X509BundlesResponse> answer) {
            try {
                answer(
                        answer,
                        Workload.X509BundlesResponse.newBuilder()
                                .putBundles("spiffe://example.org", ByteString.copyFrom(ROOT.getEncoded()))
                                .build());
            } catch (CertificateEncodingException e) {
                throw new AssertionError(e);
            }
        }

        private <T> void answer(StreamObserver<T> observer, T value) {
            if (refusing) {
                observer.onError(Status.PERMISSION_DENIED.asRuntimeException());
            } else {
                observer.onNext(value);
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        agent = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new Endpoint())
                .build()
                .start();
        bundle = open("example.org");
    }

    private WorkloadApiBundle open(String trustDomain) {
        return new WorkloadApiBundle(trustDomain, "tcp://127.0.0.1:" + agent.getPort(), OFTEN);
    }

    @AfterEach
    void stop() {
        bundle.close();
        agent.shutdownNow();
    }

    private static TrustBundle current(WorkloadApiBundle of) {
        return await().atMost(Duration.ofSeconds(30)).until(of::current, held -> held != null);
    }

    @Test
    void current_keysAndAuthoritiesOfTheAgent_verifySvids() {
        TrustBundle held = current(bundle);
        assertThat(held.trustDomain()).isEqualTo("example.org");
        assertThat(held.x509Authorities()).containsExactly(ROOT);
        assertThat(held.jwtAuthorities())
                .extracting(key -> key.jwk().string("kid"))
                .containsExactly("j1");
        try (TrustBundles bundles = new TrustBundles(java.util.Map.of("example.org", bundle))) {
            SvidVerifier verifier = new SvidVerifier(bundles, Duration.ofHours(1), Duration.ZERO);
            String svid = JWT.jws(
                    "{\"alg\":\"ES256\",\"kid\":\"j1\"}",
                    "{\"sub\":\"spiffe://example.org/a\",\"aud\":\"x\",\"exp\":" + (NOW / 1000 + 300) + "}");
            assertThat(verifier.verifyJwt(svid, "x", NOW)).isInstanceOf(SvidResult.Accepted.class);
            X509Certificate leaf = new TestCertificate(NOW, CA.pair().getPrivate(), "spiffe://example.org/a")
                    .leaf(JWT.pair().getPublic());
            assertThat(verifier.verifyX509(java.util.List.of(leaf), NOW)).isInstanceOf(SvidResult.Accepted.class);
        }
    }

    @Test
    void current_rotation_isPickedUpAndWhatIsUnchangedStaysTheSame() {
        TrustBundle before = current(bundle);
        bundle.refresh().block(Duration.ofSeconds(10));
        assertThat(bundle.current()).isSameAs(before);
        jwks = "{\"keys\":[" + jwk(TestKeys.of(JwsAlgorithm.ES256, "j2")) + "]}";
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(current(bundle).jwtAuthorities())
                        .extracting(key -> key.jwk().string("kid"))
                        .containsExactly("j2"));
    }

    @Test
    void current_anAgentThatRefuses_keepsTheLastAndSaysSo() {
        TrustBundle before = current(bundle);
        refusing = true;
        await().atMost(Duration.ofSeconds(30)).until(() -> bundle.fault() != null);
        assertThat(bundle.fault()).contains("Workload API for example.org");
        assertThat(bundle.current()).isEqualTo(before);
        refusing = false;
        await().atMost(Duration.ofSeconds(30)).until(() -> bundle.fault() == null);
    }

    @Test
    void current_aTrustDomainThatTheAgentDoesNotKnow_hasNoAuthority() {
        try (WorkloadApiBundle other = open("example.net")) {
            TrustBundle held = current(other);
            assertThat(held.jwtAuthorities()).isEmpty();
            assertThat(held.x509Authorities()).isEmpty();
        }
    }

    @Test
    void new_malformedAddress_isRefused() {
        assertThatThrownBy(() -> new WorkloadApiBundle("example.org", "http://127.0.0.1", OFTEN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://127.0.0.1");
    }
}
