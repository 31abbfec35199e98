package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.jose.TestCertificate;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose TLS is an SSL bundle of {@code server.ssl} alone: what its ready line says, and a renewed certificate. */
class RenewedCertificateIT {
    private static final Duration STARTS = Duration.ofSeconds(60);
    private static final Duration RENEWED = Duration.ofSeconds(20);
    private static final Pattern READY = Pattern.compile(
            "errand is ready: traffic (https?)://127.0.0.1:(\\d+); operator (https?)://127.0.0.1:(\\d+);");

    @TempDir
    private static Path files;

    @Test
    void bothPorts_speakHttps_andTakeARenewedCertificateWithoutARestart() throws Exception {
        TestTls first = written();
        try (GatewayProcess gateway = new GatewayProcess(RunningGateway.with()
                .property("server.ssl.bundle", "gateway")
                .property("spring.ssl.bundle.watch.file.quiet-period", "100ms")
                .property("spring.ssl.bundle.pem.gateway.reload-on-update", "true")
                .property("spring.ssl.bundle.pem.gateway.keystore.certificate", "file:" + files.resolve("tls.crt"))
                .property("spring.ssl.bundle.pem.gateway.keystore.private-key", "file:" + files.resolve("tls.key")))) {
            Matcher ready = ready(gateway);
            assertThat(ready.group(1)).isEqualTo("https");
            assertThat(ready.group(3)).isEqualTo("https");
            int traffic = Integer.parseInt(ready.group(2));
            int operator = Integer.parseInt(ready.group(4));
            byte[] before = Files.readAllBytes(first.certificate(files.resolve("first.pem")));
            assertThat(shows(traffic, before)).isTrue();
            assertThat(shows(operator, before)).isTrue();

            TestTls second = written();
            byte[] after = Files.readAllBytes(second.certificate(files.resolve("second.pem")));
            assertThat(after).isNotEqualTo(before);
            renewed(operator, after);
            renewed(traffic, after);

            // A client still shows any certificate, also one that no authority of the bundle has signed.
            KeyPair own = TestKey.p256("agent").pair();
            HttpResponse<String> answer = second.client(
                            own,
                            new TestCertificate(System.currentTimeMillis(), own.getPrivate()).leaf(own.getPublic()))
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("https://127.0.0.1:" + traffic + "/.well-known/jwks.json"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    private static TestTls written() {
        TestTls tls = new TestTls(files);
        tls.key(files.resolve("tls.key"));
        tls.certificate(files.resolve("tls.crt"));
        return tls;
    }

    private static Matcher ready(GatewayProcess gateway) throws Exception {
        Instant end = Instant.now().plus(Patience.of(STARTS));
        while (true) {
            Matcher ready = READY.matcher(gateway.output());
            if (ready.find()) {
                return ready;
            }
            assertThat(Instant.now()).as(gateway.output()).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static void renewed(int port, byte[] certificate) throws Exception {
        Instant end = Instant.now().plus(Patience.of(RENEWED));
        while (!shows(port, certificate)) {
            assertThat(Instant.now())
                    .as("port %d shows the renewed certificate", port)
                    .isBefore(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Whether a new connection to that port gets that certificate, which is PEM. */
    private static boolean shows(int port, byte[] certificate) throws Exception {
        SSLContext any = SSLContext.getInstance("TLS");
        any.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), new SecureRandom());
        try (SSLSocket socket = (SSLSocket) any.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout((int) Patience.of(RENEWED).toMillis());
            return socket.getSession()
                    .getPeerCertificates()[0]
                    .equals(CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(certificate)));
        }
    }
}
