package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vault-login} against a real Vault whose operator revokes the gateway's token. */
@Tag("vault")
class VaultLoginIT {
    private static final String READ = "/vault/v1/secret/data/app/one";
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    @TempDir
    private static Path directory;

    private static VaultServer server;
    private static FrontedServer fronted;

    @BeforeAll
    static void start() throws Exception {
        server = new VaultServer(directory);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        String pem = "-----BEGIN PUBLIC KEY-----\\n"
                + Base64.getEncoder().encodeToString(key.getPublic().getEncoded()) + "\\n-----END PUBLIC KEY-----";
        made("/v1/sys/auth/jwt", "{\"type\":\"jwt\"}");
        made("/v1/auth/jwt/config", "{\"jwt_validation_pubkeys\":[\"" + pem + "\"]}");
        made(
                "/v1/sys/policies/acl/app",
                "{\"policy\":\"path \\\"secret/data/app/*\\\" {capabilities=[\\\"create\\\",\\\"update\\\",\\\"read\\\"]}\"}");
        made(
                "/v1/auth/jwt/role/errand",
                "{\"role_type\":\"jwt\",\"user_claim\":\"sub\",\"bound_audiences\":[\"vault\"],\"token_policies\":[\"app\"],"
                        + "\"token_ttl\":\"16h\"}");
        made("/v1/secret/data/app/one", "{\"data\":{\"a\":\"b\"}}");
        Path jwt = Files.writeString(directory.resolve("jwt"), jwt(key));
        fronted = FrontedServer.start(
                "vault",
                server.uri(),
                FrontedServer.everything("vault"),
                Map.of(
                        "errand.upstreams.vault.vault-login.url",
                        server.uri(),
                        "errand.upstreams.vault.vault-login.role",
                        "errand",
                        "errand.upstreams.vault.vault-login.jwt-file",
                        "file:" + jwt),
                List.of("UpstreamCredential=vault"));
    }

    @AfterAll
    static void stop() {
        if (fronted != null) {
            fronted.close();
        }
        server.close();
    }

    private static void made(String path, String body) {
        var answer = server.call("POST", path, body);
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isLessThan(300);
    }

    private static String jwt(KeyPair key) throws Exception {
        long now = Instant.now().getEpochSecond();
        String text = BASE64URL.encodeToString("{\"alg\":\"ES256\",\"typ\":\"JWT\"}".getBytes())
                + '.'
                + BASE64URL.encodeToString(("{\"sub\":\"errand\",\"aud\":\"vault\",\"iss\":\"test\",\"iat\":" + now
                                + ",\"exp\":" + (now + 3600) + "}")
                        .getBytes());
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key.getPrivate());
        signature.update(text.getBytes());
        return text + '.' + BASE64URL.encodeToString(signature.sign());
    }

    private static int read(String path) {
        return fronted.agent().get(fronted.gateway(), path).statusCode();
    }

    private static int write() {
        return fronted.agent()
                .call(
                        fronted.gateway(),
                        "POST",
                        READ,
                        Map.of("Content-Type", "application/json"),
                        "{\"data\":{\"a\":\"c\"}}")
                .statusCode();
    }

    private static void revoke() throws InterruptedException {
        // The gateway asks Vault for its token once a second at most.
        Thread.sleep(1_100);
        made("/v1/sys/leases/revoke-prefix/auth/jwt", "{}");
    }

    @Test
    void revokedToken_isReplaced_andASafeCallIsRepeated() throws Exception {
        assertThat(read(READ)).isEqualTo(200);
        revoke();
        int before = records();
        assertThat(read(READ)).isEqualTo(200);
        assertThat(records() - before)
                .as("one decision and its outcome, as of any call")
                .isEqualTo(recordsOfACall());
        revoke();
        assertThat(write()).as("what changes something is not repeated").isEqualTo(403);
        int status = write();
        for (int i = 0; i < 50 && status == 403; i++) {
            Thread.sleep(20);
            status = write();
        }
        assertThat(status).isEqualTo(200);
        assertThat(read("/vault/v1/secret/data/other/one"))
                .as("what no policy allows stays refused")
                .isEqualTo(403);
        assertThat(read("/vault/v1/secret/data/other/one")).isEqualTo(403);
        assertThat(read(READ)).isEqualTo(200);
    }

    private static int records() {
        return fronted.gateway().records().size();
    }

    private static int recordsOfACall() {
        int before = records();
        assertThat(read(READ)).isEqualTo(200);
        return records() - before;
    }
}
