package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestCertificate;
import dev.errand.jose.TestKeys;
import dev.errand.trust.HttpFetch;
import dev.errand.trust.LiveDocument.UnavailableException;
import dev.errand.trust.RefreshPolicy;
import dev.errand.trust.RemoteDocument;
import dev.errand.trust.TrustBundle;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** A bundle endpoint by the {@code https_web} profile: over TLS, refreshed as it asks, never back to an earlier revision. */
class BundleSourcesTest {
    private static final RefreshPolicy POLICY = new RefreshPolicy(
            Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofHours(2), Duration.ofSeconds(60));
    private static final KeyPair KEY = TestKeys.of(JwsAlgorithm.ES256).pair();
    private static final X509Certificate CERTIFICATE = new TestCertificate(System.currentTimeMillis(), KEY.getPrivate())
            .address("127.0.0.1")
            .purpose(KeyPurposeId.id_kp_serverAuth)
            .leaf(KEY.getPublic());

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong clockMillis = new AtomicLong();
    private volatile String body = "warm";
    private DisposableServer server;
    private RemoteDocument<TrustBundle> endpoint;

    @BeforeEach
    void serve() throws Exception {
        var ssl = SslContextBuilder.forServer(KEY.getPrivate(), CERTIFICATE).build();
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> spec.sslContext(ssl))
                .handle((request, response) -> {
                    requests.incrementAndGet();
                    return response.sendString(Mono.fromSupplier(() -> body));
                })
                .bindNow();
        HttpFetch http =
                new HttpFetch(reactor.netty.http.client.HttpClient.create().secure(spec -> {
                    try {
                        spec.sslContext(SslContextBuilder.forClient()
                                .trustManager(CERTIFICATE)
                                .build());
                    } catch (javax.net.ssl.SSLException e) {
                        throw new AssertionError(e);
                    }
                }));
        // The first handshake of a process may take longer than a fetch may.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> http.get(url())
                        .onErrorResume(e -> Mono.empty())
                        .blockOptional(Duration.ofSeconds(10))
                        .isPresent());
        requests.set(0);
        endpoint = endpoint(http);
    }

    private URI url() {
        return URI.create("https://127.0.0.1:" + server.port() + "/");
    }

    private RemoteDocument<TrustBundle> endpoint(HttpFetch http) {
        return BundleSources.endpoint("example.org", url(), http, POLICY, clockMillis::get);
    }

    @AfterEach
    void stop() {
        endpoint.close();
        server.disposeNow();
    }

    private static String bundle(String kid, String more) {
        return "{\"keys\":[" + TestKeys.of(JwsAlgorithm.ES256, kid).jwk(",\"use\":\"jwt-svid\",\"kid\":\"" + kid + "\"")
                + "]" + more + "}";
    }

    private String held() {
        TrustBundle bundle = endpoint.get().block(Duration.ofSeconds(10));
        assertThat(bundle).isNotNull();
        return bundle.jwtAuthorities().get(0).jwk().string("kid");
    }

    /** The hint is honoured between ten seconds and an hour; without one it is the policy's time. */
    @ParameterizedTest
    @CsvSource({"60, 60", "1, 10", "0, 10", "86400, 3600", "-1, 300"})
    void get_refreshHint_isHonouredWithinBounds(long hint, long seconds) {
        body = bundle("a", hint < 0 ? "" : ",\"spiffe_refresh_hint\":" + hint);
        assertThat(held()).isEqualTo("a");
        clockMillis.addAndGet(seconds * 1000);
        assertThat(held()).isEqualTo("a");
        assertThat(requests).hasValue(1);
        body = bundle("b", "");
        clockMillis.addAndGet(1);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(held()).isEqualTo("b"));
    }

    @Test
    void refresh_lowerSequence_bringsNoOldKeyBack() {
        body = bundle("new", ",\"spiffe_sequence\":7");
        assertThat(held()).isEqualTo("new");
        body = bundle("old", ",\"spiffe_sequence\":6");
        refresh();
        assertThat(held()).isEqualTo("new");
        body = bundle("newer", ",\"spiffe_sequence\":8");
        refresh();
        assertThat(held()).isEqualTo("newer");
        body = bundle("unnumbered", "");
        refresh();
        assertThat(held()).isEqualTo("unnumbered");
    }

    @Test
    void refresh_unchangedBundle_isTheSameRevision() {
        body = bundle("a", "");
        TrustBundle before = endpoint.get().block(Duration.ofSeconds(10));
        refresh();
        assertThat(requests).hasValue(2);
        assertThat(endpoint.current()).isSameAs(before);
    }

    @Test
    void refresh_malformed_keepsTheLastAndSaysSo() {
        body = bundle("a", "");
        assertThat(held()).isEqualTo("a");
        body = "{\"keys\":[{\"use\":\"jwt-svid\"}]}";
        refresh();
        assertThat(held()).isEqualTo("a");
        assertThat(endpoint.fault()).contains("example.org").contains("kid");
    }

    @Test
    void get_aServerThatTheWebDoesNotTrust_isNotBelieved() {
        body = bundle("a", "");
        try (RemoteDocument<TrustBundle> untrusting = endpoint(new HttpFetch())) {
            assertThatThrownBy(() -> untrusting.get().block(Duration.ofSeconds(10)))
                    .isInstanceOf(UnavailableException.class);
            assertThat(requests).hasValue(0);
        }
    }

    private void refresh() {
        clockMillis.addAndGet(1_001);
        endpoint.refresh().block(Duration.ofSeconds(10));
    }
}
