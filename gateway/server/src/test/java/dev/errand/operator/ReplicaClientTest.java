package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.errand.fleet.Replica;
import dev.errand.fleet.ReplicaTokens;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.link.TestPem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import reactor.netty.resources.LoopResources;

/** Which replicas a replica believes. */
class ReplicaClientTest {
    @TempDir
    private Path directory;

    private final LoopResources loop = LoopResources.create("replica-client", 1, true);
    private HttpsServer other;
    private ReplicaClient client;
    private TestPem pem;

    @BeforeEach
    void start() throws Exception {
        pem = TestPem.make(directory, "replica", "ip:127.0.0.1");
        other = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.setHttpsConfigurator(new HttpsConfigurator(pem.serving()));
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes());
            exchange.close();
        });
        other.start();
        KeyRing keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        client = new ReplicaClient(
                loop, new ReplicaTokens(keys, new JoseSignatureVerifier(), Clock.systemUTC()), "this");
    }

    @AfterEach
    void stop() {
        other.stop(0);
        loop.dispose();
    }

    private String get(String host) {
        return get(host, ReplicaClient.WITHIN);
    }

    private String get(String host, Duration within) {
        String url = "https://" + host + ":" + other.getAddress().getPort();
        Replica replica = new Replica("other", url, "", "", "enforce", "", 0);
        return String.valueOf(
                client.get(replica, "/tasks/t-1", "*/*", within).block().body());
    }

    private static SslBundle trusting(Path certificate) {
        return SslBundle.of(new PemSslStoreBundle(null, PemSslStoreDetails.forCertificate("file:" + certificate)));
    }

    @Test
    void authoritiesOfTheBundle_areTrusted_alsoAfterTheyChange() throws Exception {
        assertThatThrownBy(() -> get("127.0.0.1")).hasCauseInstanceOf(SSLException.class);
        client.trust(
                trusting(TestPem.make(directory, "stranger", "ip:127.0.0.1").certificate()));
        assertThatThrownBy(() -> get("127.0.0.1")).hasCauseInstanceOf(SSLException.class);
        client.trust(trusting(pem.certificate()));
        assertThat(get("127.0.0.1")).isEqualTo("ok");
        assertThatThrownBy(() -> get("localhost"))
                .as("a name that is not in the certificate")
                .hasCauseInstanceOf(SSLException.class);
    }

    /** Answers each request with so many pieces, with a pause behind each. */
    private void answersIn(int pieces, int bytes, long pauseMillis) {
        other.removeContext("/");
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                for (int i = 0; i < pieces; i++) {
                    body.write(new byte[bytes]);
                    body.flush();
                    Thread.sleep(pauseMillis);
                }
            } catch (InterruptedException | IOException gone) {
                exchange.close();
            }
        });
        client.trust(trusting(pem.certificate()));
    }

    @Test
    void answerWithoutEnd_isGivenUp() {
        answersIn(9, 1 << 20, 0);
        assertThatThrownBy(() -> get("127.0.0.1", Duration.ofMinutes(1)))
                .hasMessageContaining("the answer is larger than 8388608 bytes");
        answersIn(60, 1, 50);
        assertThatThrownBy(() -> get("127.0.0.1", Duration.ofMillis(500))).hasCauseInstanceOf(TimeoutException.class);
    }
}
