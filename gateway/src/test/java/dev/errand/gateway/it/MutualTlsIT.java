package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proof of possession by the connection: a self-signed client certificate whose key is the leaf's, and no proof. */
class MutualTlsIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static KeyStore server;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        server = selfSigned("server");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property(
                        "server.ssl.key-store", directory.resolve("server.p12").toString())
                .property("server.ssl.key-store-password", PASSWORD)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void aat_withTheLeafsKeyAsCertificate_isPermittedWithoutAProof() throws Exception {
        KeyStore client = selfSigned("client");
        TestAgent root = started(client);
        assertThat(call(client, root).statusCode()).isEqualTo(200);
        assertThat(call(client, root).statusCode()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(2);
        upstream.forget();
    }

    @Test
    void aat_withAnotherCertificateOrNone_isInvalidProof() throws Exception {
        TestAgent root = started(selfSigned("holder"));
        for (KeyStore shown : new KeyStore[] {selfSigned("thief"), null}) {
            HttpResponse<String> answer = call(shown, root);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("invalid-proof");
        }
        assertThat(upstream.seen()).isEmpty();
    }

    /** A self-signed P-256 certificate in a key store of that name. */
    private static KeyStore selfSigned(String name) throws Exception {
        Path file = directory.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
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
                        "san=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** A task whose root is bound to the key of that store. */
    private static TestAgent started(KeyStore store) throws Exception {
        String alias = store.aliases().nextElement();
        ECPublicKey publicKey = (ECPublicKey) store.getCertificate(alias).getPublicKey();
        ECPrivateKey privateKey = (ECPrivateKey) store.getKey(alias, PASSWORD.toCharArray());
        Map<String, JsonValue> jwk = Map.of(
                "kty", new JsonString("EC"),
                "crv", new JsonString("P-256"),
                "x", coordinate(publicKey.getW().getAffineX()),
                "y", coordinate(publicKey.getW().getAffineY()),
                "d", coordinate(privateKey.getS()));
        TestKey key = new TestKey(alias, KeyAlgorithm.ES256, new JsonObject(jwk));
        var client = new dev.errand.gateway.cli.agent.AgentClient(gateway.address(), RunningGateway.ISSUER, http(null));
        JsonObject answer = client.start(
                key.agent(),
                new dev.errand.gateway.cli.agent.AgentClient.Start(
                        HUMAN.token(),
                        "jwt",
                        WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                        Jws.object("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}"),
                        null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    private static JsonString coordinate(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return new JsonString(Jws.base64(fixed));
    }

    private static HttpResponse<String> call(@Nullable KeyStore certificate, TestAgent agent) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.address().resolve(TestAgent.READ))
                .header("Authorization", "AAT " + agent.token())
                .build();
        return http(certificate).send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpClient http(@Nullable KeyStore certificate) throws Exception {
        KeyManager[] keys = null;
        if (certificate != null) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(certificate, PASSWORD.toCharArray());
            keys = factory.getKeyManagers();
        }
        var trust =
                javax.net.ssl.TrustManagerFactory.getInstance(javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", server.getCertificate("server"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), new SecureRandom());
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }
}
