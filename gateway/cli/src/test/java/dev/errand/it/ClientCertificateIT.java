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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

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
        Map<String, String> properties = new HashMap<>();
        properties.putAll(credential("right", client, server.certificate()));
        properties.putAll(credential("unsigned", client, elsewhere.certificate()));
        properties.putAll(credential("elsewhere", client, elsewhere.certificate()));
        properties.putAll(credential("unknown", elsewhere, server.certificate()));
        try (FrontedServer fronted =
                front(Map.of("right", right, "unsigned", right, "elsewhere", wrong, "unknown", right), properties)) {
            for (int i = 0; i < 10; i++) {
                assertThat(read(fronted, "right")).isEqualTo(200);
            }
            assertThat(subject).hasValue("CN=errand");
            assertThat(connections).as("connections are kept").hasSizeLessThan(4);
            subject.set(null);
            assertThat(read(fronted, "unsigned"))
                    .as("an authority that it is not signed by")
                    .isEqualTo(502);
            assertThat(read(fronted, "elsewhere"))
                    .as("a certificate for another host")
                    .isEqualTo(502);
            assertThat(read(fronted, "unknown"))
                    .as("a certificate that it does not take")
                    .isEqualTo(502);
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
        DisposableServer upstream = HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> spec.sslContext(context))
                .handle((request, response) -> {
                    shown.set(String.valueOf(request.requestHeaders().get("Authorization")));
                    return response.sendString(Mono.just("{}"));
                })
                .bindNow();
        String own = "file:" + server.certificate();
        Map<String, String> properties = Map.of(
                "errand.upstreams.bare.authorities", own,
                "errand.upstreams.own.authorities", own,
                "errand.upstreams.own.bearer.file", "file:" + token,
                "errand.upstreams.other.authorities", "file:" + elsewhere.certificate(),
                "errand.upstreams.other.bearer.file", "file:" + token,
                "errand.upstreams.java.bearer.file", "file:" + token);
        try (FrontedServer fronted =
                front(Map.of("bare", upstream, "own", upstream, "other", upstream, "java", upstream), properties)) {
            assertThat(read(fronted, "bare")).as("no credential").isEqualTo(200);
            assertThat(shown).hasValue("null");
            assertThat(read(fronted, "own")).isEqualTo(200);
            assertThat(shown).hasValue("Bearer s3cret");
            shown.set(null);
            assertThat(read(fronted, "other")).as("another authority").isEqualTo(502);
            assertThat(read(fronted, "java")).as("Java does not trust it").isEqualTo(502);
            assertThat(shown).as("the credential was sent to nobody else").hasValue(null);
        } finally {
            upstream.disposeNow();
        }
    }

    private static int read(FrontedServer fronted, String route) {
        return fronted.agent()
                .get(fronted.gateway(), "/" + route + "/v1/secret/data/a")
                .statusCode();
    }

    /** A gateway with a route to each upstream, and a credential of the route's name. */
    private static FrontedServer front(Map<String, DisposableServer> upstreams, Map<String, String> properties) {
        StringBuilder routes = new StringBuilder();
        upstreams.forEach((name, upstream) -> routes.append("""
                    - {id: %1$s, uri: "https://127.0.0.1:%2$d", predicates: [Path=/%1$s/**], filters: [StripPrefix=1, "OperationMapping=vault,as=%1$s", UpstreamCredential=%1$s]}
                """.formatted(name, upstream.port())));
        String application = FrontedServer.application("vault", "http://127.0.0.1:1", List.of());
        return FrontedServer.start(
                "vault",
                "http://127.0.0.1:1",
                upstreams.keySet().stream().map(FrontedServer::everything).collect(Collectors.joining()),
                properties,
                List.of(),
                Map.of("application.yaml", application.replace("errand:\n", routes + "errand:\n")));
    }

    private static Map<String, String> credential(String name, Pem shown, Path authorities) {
        String prefix = "errand.upstreams." + name + ".client-certificate.";
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
