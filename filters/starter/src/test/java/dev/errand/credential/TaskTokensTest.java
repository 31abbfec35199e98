package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.CredentialKeys;
import dev.errand.jose.NewKeyFile;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.upstream.CallTask;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JWTs that name a task. */
class TaskTokensTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final CallTask TASK = CallTasks.named("t-1");

    @TempDir
    private Path directory;

    private CredentialKeys keys;
    private TaskTokens tokens;

    @BeforeEach
    void key() throws Exception {
        Path file = directory.resolve("credential.jwks");
        NewKeyFile.ofCredentials().write(file);
        keys = CredentialKeys.load(file);
        tokens = new TaskTokens(
                "https://gateway.example.org/credentials",
                () -> Optional.of(keys.signingKey()),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static JsonObject part(TaskTokens.Signed signed, int which) throws Exception {
        return Json.parseObject(Base64Url.decode(signed.jwt().reveal("").split("\\.")[which]));
    }

    @Test
    void issue_namesTaskHumanAndAgent() throws Exception {
        TaskTokens.Signed signed = tokens.issue(
                TASK, Subject.AGENT, "vault", Duration.ofMinutes(5), Map.of("env", new JsonString("staging")));
        JsonObject claims = part(signed, 1);
        assertThat(claims.string("iss")).isEqualTo("https://gateway.example.org/credentials");
        assertThat(claims.string("sub")).isEqualTo("spiffe://example.org/agent/release-bot");
        assertThat(claims.string("aud")).isEqualTo("vault");
        assertThat(claims.string("env")).isEqualTo("staging");
        assertThat(claims.get("exp")).isEqualTo(JsonNumber.of(NOW.getEpochSecond() + 300));
        assertThat(claims.get("iat")).isEqualTo(JsonNumber.of(NOW.getEpochSecond()));
        assertThat(claims.string("jti")).hasSize(22);
        assertThat(claims.object("act").string("sub")).isEqualTo("spiffe://example.org/agent/release-bot");
        JsonObject errand = claims.object("errand");
        assertThat(errand.string("task")).isEqualTo("t-1");
        assertThat(errand.string("template")).isEqualTo("release");
        assertThat(errand.string("agent")).isEqualTo("spiffe://example.org/agent/release-bot");
        assertThat(errand.object("human").string("iss")).isEqualTo("https://idp.example.org");
        assertThat(errand.object("human").string("sub")).isEqualTo("user:7f3c");
        assertThat(part(signed, 0).members().keySet()).containsExactlyInAnyOrder("alg", "kid", "typ");
        assertThat(part(signed, 0).string("alg")).isEqualTo("ES256");
        assertThat(part(signed, 0).string("typ")).isEqualTo("JWT");
    }

    @Test
    void issue_isSignedByThePublishedKey() throws Exception {
        String jwt = tokens.issue(TASK, Subject.HUMAN, "a", Duration.ofMinutes(5), Map.of())
                .jwt()
                .reveal("");
        int dot = jwt.lastIndexOf('.');
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(keys.signingKey().publicKey().key());
        signature.update(jwt.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64Url.decode(jwt.substring(dot + 1)))).isTrue();
        assertThat(keys.publicJwks())
                .contains(keys.signingKey().id())
                .doesNotContain("errand_use")
                .doesNotContain("\"d\"");
    }

    @Test
    void issue_endsWithTheTask() throws Exception {
        CallTask short_ = CallTasks.until(TASK, NOW.toEpochMilli() + 90_000);
        TaskTokens.Signed signed = tokens.issue(short_, Subject.HUMAN, "a", Duration.ofMinutes(5), Map.of());
        assertThat(part(signed, 1).get("exp")).isEqualTo(JsonNumber.of(NOW.getEpochSecond() + 90));
        assertThat(signed.lifetime()).isEqualTo(Duration.ofSeconds(90));
        assertThat(part(signed, 1).string("sub")).isEqualTo("https://idp.example.org#user:7f3c");
        assertThatThrownBy(() -> tokens.issue(
                        CallTasks.until(TASK, NOW.toEpochMilli()), Subject.HUMAN, "a", Duration.ofMinutes(5), Map.of()))
                .isInstanceOf(CredentialUnavailableException.class);
    }

    @Test
    void issue_unprovenAgent_isNoSubject() {
        assertThatThrownBy(() ->
                        tokens.issue(CallTasks.unattested(TASK), Subject.AGENT, "a", Duration.ofMinutes(5), Map.of()))
                .isInstanceOf(NotAttestedException.class);
    }

    @Test
    void twoTokens_areTwo() {
        assertThat(tokens.issue(TASK, Subject.HUMAN, "a", Duration.ofMinutes(5), Map.of())
                        .jwt())
                .isNotEqualTo(tokens.issue(TASK, Subject.HUMAN, "a", Duration.ofMinutes(5), Map.of())
                        .jwt());
    }
}
