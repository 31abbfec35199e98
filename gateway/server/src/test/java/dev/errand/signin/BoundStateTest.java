package dev.errand.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state of a sign-in is good for the gateway that made it, at its callback, in the browser that began it, as it was. */
class BoundStateTest {
    private static final JsonObject PURPOSE =
            new JsonObject(Map.of("id", new JsonString("a-1"), "digest", new JsonString("sha-256:x")));
    private static final SecretKey KEY = key(1);
    private static final PageKeys KEYS = new PageKeys(List.of(KEY));
    private static final SignInClient CLIENT = client("https://idp.example", "errand", "https://g.example/callback");

    private final String cookie = Pkce.random();

    private static SecretKey key(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    private static SignInClient client(String issuer, String clientId, String callback) {
        return new SignInClient(issuer, clientId, null, "openid", null, callback, HostCookie.lax("test"));
    }

    private BoundState begun() {
        return BoundState.begin(KEYS, CLIENT, cookie, PURPOSE, 1_000);
    }

    private Optional<BoundState> read(String text) {
        return BoundState.parse(KEYS, CLIENT, cookie, text);
    }

    @Test
    void state_tellsItsPurpose_toItsBrowserAlone() {
        BoundState begun = begun();
        BoundState ended = read(begun.text()).orElseThrow();
        assertThat(ended.purpose()).isEqualTo(PURPOSE);
        assertThat(ended.begunSeconds()).isEqualTo(1_000);
        assertThat(ended.pkce().verifier()).isEqualTo(begun.pkce().verifier()).hasSize(43);
        assertThat(BoundState.parse(KEYS, CLIENT, Pkce.random(), begun.text())).isEmpty();
    }

    @Test
    void state_isGoodAtItsCallbackAlone() {
        String text = begun().text();
        for (SignInClient other : List.of(
                client("https://idp.other", "errand", "https://g.example/callback"),
                client("https://idp.example", "console", "https://g.example/callback"),
                client("https://idp.example", "errand", "https://g.example/console/callback/on-call"))) {
            assertThat(BoundState.parse(KEYS, other, cookie, text)).isEmpty();
        }
    }

    /** Whoever sets the browser's cookie knows everything but the key. */
    @ParameterizedTest
    @ValueSource(strings = {"state", "state\n", ""})
    void state_madeOfTheCookie_isNone(String use) throws Exception {
        String payload = begun().text().replaceFirst("\\..*", "");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(cookie.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        String code = Base64Url.encode(mac.doFinal((use + payload).getBytes(StandardCharsets.US_ASCII)));
        assertThat(read(payload + '.' + code)).isEmpty();
    }

    @Test
    void keys_mayBeReplaced_whilePeopleSignIn() {
        BoundState begun = begun();
        BoundState ended = BoundState.parse(new PageKeys(List.of(key(2), KEY)), CLIENT, cookie, begun.text())
                .orElseThrow();
        assertThat(ended.pkce()).isEqualTo(begun.pkce());
        assertThat(BoundState.parse(new PageKeys(List.of(key(2))), CLIENT, cookie, begun.text()))
                .isEmpty();
    }

    @Test
    void everyCharacter_counts() {
        String text = begun().text();
        for (int i = 0; i < text.length(); i++) {
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(read(text.substring(0, i) + other + text.substring(i + 1)))
                    .as("%d", i)
                    .isEmpty();
        }
        assertThat(read("")).isEmpty();
        assertThat(read(".")).isEmpty();
        assertThat(read(text + "A".repeat(3_000))).isEmpty();
    }

    @Test
    void signInsOfOneBrowser_haveDifferentStatesAndProofKeys() {
        BoundState one = begun();
        BoundState other = begun();
        assertThat(one.text()).isNotEqualTo(other.text());
        assertThat(one.pkce().verifier()).isNotEqualTo(other.pkce().verifier());
        assertThat(one.text()).doesNotContain(cookie).doesNotContain(one.pkce().verifier());
    }

    @Test
    void longPurpose_isRefused() {
        JsonObject purpose = new JsonObject(Map.of("id", new JsonString("a".repeat(3_000))));
        assertThatThrownBy(() -> BoundState.begin(KEYS, CLIENT, cookie, purpose, 1_000))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void code_isOfItsTextsAlone_inTheirOrder() {
        String code = KEYS.first().code("form", "ab", "c");
        assertThat(KEYS.maker(code, "form", "ab", "c")).isPresent();
        assertThat(KEYS.maker(code, "form", "a", "bc")).isEmpty();
        assertThat(KEYS.maker(code, "form", "c", "ab")).isEmpty();
        assertThat(KEYS.maker(code, "form", "ab")).isEmpty();
        assertThat(KEYS.maker(null, "form", "ab", "c")).isEmpty();
        assertThat(KEYS.maker("", "form", "ab", "c")).isEmpty();
    }
}
