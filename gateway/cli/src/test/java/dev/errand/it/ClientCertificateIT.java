package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** Mutual TLS between the gateway and an upstream that demands a certificate. */
class ClientCertificateIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    /** A pair of PEM files. */
    private record Pem(Path certificate, Path key) {}

    @Test
    void upstreamThatDemandsACertificate_isShownIt_andMustBeWhoItSays() throws Exception {
        Pem client = selfSigned("errand", "san=dns:errand");
        Pem server = selfSigned("server", "san=ip:127.0.0.1");
        Pem elsewhere = selfSigned("elsewhere", "san=dns:elsewhere.example");
        Set<Object> connections = ConcurrentHashMap.newKeySet();
        AtomicReference<String> subject = new AtomicReference<>();
        DisposableServer right = upstream(server, client, connections, subject);
        DisposableServer wrong = upstream(elsewhere, client, connections, subject);
        try {
            Map<String, String> shown = credential(client, server.certificate());
            try (FrontedServer fronted = front(right, shown)) {
                for (int i = 0; i < 10; i++) {
                    assertThat(read(fronted)).isEqualTo(200);
                }
                assertThat(subject).hasValue("CN=errand");
                assertThat(connections).as("connections are kept").hasSizeLessThan(4);
            }
            subject.set(null);
            try (FrontedServer fronted = front(right, credential(client, elsewhere.certificate()))) {
                assertThat(read(fronted))
                        .as("an authority that it is not signed by")
                        .isEqualTo(502);
            }
            try (FrontedServer fronted = front(wrong, credential(client, elsewhere.certificate()))) {
                assertThat(read(fronted)).as("a certificate for another host").isEqualTo(502);
            }
            try (FrontedServer fronted = front(right, credential(elsewhere, server.certificate()))) {
                assertThat(read(fronted))
                        .as("a certificate that it does not take")
                        .isEqualTo(502);
            }
            assertThat(subject).hasValue(null);
        } finally {
            right.disposeNow();
            wrong.disposeNow();
        }
    }

    @Test
    void upstreamOfAnAuthorityOfItsOwn_isBelievedByThatAlone() throws Exception {
        Pem server = selfSigned("server", "san=ip:127.0.0.1");
        Pem elsewhere = selfSigned("elsewhere", "san=ip:127.0.0.1");
        Path token = Files.writeString(directory.resolve("token"), "s3cret");
        var context = SslContextBuilder.forServer(
                        server.certificate().toFile(), server.key().toFile())
                .build();
        AtomicReference<String> shown = new AtomicReference<>();
        // A gateway that closes takes the common event loops with it.
        LoopResources loops = LoopResources.create("upstream", 1, true);
        DisposableServer upstream = HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .runOn(loops)
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> spec.sslContext(context))
                .handle((request, response) -> {
                    shown.set(String.valueOf(request.requestHeaders().get("Authorization")));
                    return response.sendString(Mono.just("{}"));
                })
                .bindNow();
        String bearer = "errand.upstreams.internal.bearer.file";
        String authorities = "errand.upstreams.internal.authorities";
        String own = "file:" + server.certificate();
        try {
            assertThat(read(upstream, Map.of(authorities, own)))
                    .as("no credential")
                    .isEqualTo(200);
            assertThat(shown).hasValue("null");
            assertThat(read(upstream, Map.of(authorities, own, bearer, "file:" + token)))
                    .isEqualTo(200);
            assertThat(shown).hasValue("Bearer s3cret");
            shown.set(null);
            Map<String, String> other = Map.of(authorities, "file:" + elsewhere.certificate(), bearer, "file:" + token);
            assertThat(read(upstream, other)).as("another authority").isEqualTo(502);
            assertThat(read(upstream, Map.of(bearer, "file:" + token)))
                    .as("Java does not trust it")
                    .isEqualTo(502);
            assertThat(shown).as("the credential was sent to nobody else").hasValue(null);
        } finally {
            upstream.disposeNow();
            loops.dispose();
        }
    }

    /** What a gateway of its own answers. */
    private static int read(DisposableServer upstream, Map<String, String> properties) {
        try (FrontedServer fronted = front(upstream, properties)) {
            return read(fronted);
        }
    }

    private static int read(FrontedServer fronted) {
        return fronted.agent().get(fronted.gateway(), "/vault/v1/secret/data/a").statusCode();
    }

    private static FrontedServer front(DisposableServer upstream, Map<String, String> properties) {
        return FrontedServer.start(
                "vault",
                "https://127.0.0.1:" + upstream.port(),
                FrontedServer.everything("vault"),
                properties,
                List.of("UpstreamCredential=internal"));
    }

    private static Map<String, String> credential(Pem shown, Path authorities) {
        String prefix = "errand.upstreams.internal.client-certificate.";
        return Map.of(
                prefix + "certificate", "file:" + shown.certificate(),
                prefix + "key", "file:" + shown.key(),
                prefix + "authorities", "file:" + authorities);
    }

    private static DisposableServer upstream(
            Pem own, Pem accepted, Set<Object> connections, AtomicReference<String> subject) throws Exception {
        var context = SslContextBuilder.forServer(
                        own.certificate().toFile(), own.key().toFile())
                .trustManager(accepted.certificate().toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        return HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> spec.sslContext(context))
                .handle((request, response) -> {
                    request.withConnection(connection -> {
                        connections.add(connection.channel());
                        try {
                            var session = connection
                                    .channel()
                                    .pipeline()
                                    .get(SslHandler.class)
                                    .engine()
                                    .getSession();
                            X509Certificate peer = (X509Certificate) session.getPeerCertificates()[0];
                            subject.set(peer.getSubjectX500Principal().getName());
                        } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
                            throw new AssertionError(e);
                        }
                    });
                    return response.sendString(Mono.just("{}"));
                })
                .bindNow();
    }

    private Pem selfSigned(String name, String alternative) throws Exception {
        Path file = directory.resolve(name + ".p12");
        ServerProcess.run(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                alternative,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD);
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        return new Pem(
                pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded()),
                pem(
                        name + ".key",
                        "PRIVATE KEY",
                        store.getKey(name, PASSWORD.toCharArray()).getEncoded()));
    }

    private Path pem(String name, String label, byte[] der) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                directory.resolve(name), "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n");
    }
}
