package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.TestCertificate;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proof of possession by the connection: a self-signed client certificate whose key is the leaf's, and no proof. */
class MutualTlsIT {
    @TempDir
    static Path directory;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestTls tls;
    private static TestAgent root;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        tls = new TestTls(directory);
        gateway = tls.on(RunningGateway.with().trusting(HUMAN, WORKLOADS).upstream(upstream))
                .start();
        root = TestAgent.explore(gateway, tls.client(), HUMAN, WORKLOADS, TestKey.p256("agent"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void aat_withTheLeafsKeyAsCertificate_isPermittedWithoutAProof() throws Exception {
        HttpClient holder = selfSigned(root.key());
        assertThat(call(holder).statusCode()).isEqualTo(200);
        assertThat(call(holder).statusCode()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(2);
        upstream.forget();
    }

    @Test
    void aat_withAnotherCertificateOrNone_isInvalidProof() throws Exception {
        for (HttpClient shown : List.of(selfSigned(TestKey.p256("thief")), tls.client())) {
            HttpResponse<String> answer = call(shown);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("invalid-proof");
        }
        assertThat(upstream.seen()).isEmpty();
    }

    private static HttpClient selfSigned(TestKey key) {
        KeyPair pair = key.pair();
        return tls.client(
                pair, new TestCertificate(System.currentTimeMillis(), pair.getPrivate()).leaf(pair.getPublic()));
    }

    private static HttpResponse<String> call(HttpClient client) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.address().resolve(TestAgent.READ))
                .header("Authorization", "AAT " + root.token())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
