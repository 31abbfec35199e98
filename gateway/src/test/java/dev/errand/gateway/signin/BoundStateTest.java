package dev.errand.gateway.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The state of a sign-in is good in the browser that began it, as it was. */
class BoundStateTest {
    private static final JsonObject PURPOSE =
            new JsonObject(Map.of("id", new JsonString("a-1"), "digest", new JsonString("sha-256:x")));

    @Test
    void state_tellsItsPurpose_toItsBrowserAlone() {
        String secret = Pkce.random();
        BoundState begun = BoundState.begin(secret, PURPOSE, 1_000);
        BoundState ended = BoundState.parse(secret, begun.text()).orElseThrow();
        assertThat(ended.purpose()).isEqualTo(PURPOSE);
        assertThat(ended.begunSeconds()).isEqualTo(1_000);
        assertThat(ended.pkce().verifier()).isEqualTo(begun.pkce().verifier()).hasSize(43);
        assertThat(BoundState.parse(Pkce.random(), begun.text())).isEmpty();
    }

    @Test
    void everyCharacter_counts() {
        String secret = Pkce.random();
        String text = BoundState.begin(secret, PURPOSE, 1_000).text();
        for (int i = 0; i < text.length(); i++) {
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(BoundState.parse(secret, text.substring(0, i) + other + text.substring(i + 1)))
                    .as("%d", i)
                    .isEmpty();
        }
        assertThat(BoundState.parse(secret, "")).isEmpty();
        assertThat(BoundState.parse(secret, ".")).isEmpty();
        assertThat(BoundState.parse(secret, text + "A".repeat(3_000))).isEmpty();
    }

    @Test
    void signInsOfOneBrowser_haveDifferentStatesAndProofKeys() {
        String secret = Pkce.random();
        BoundState one = BoundState.begin(secret, PURPOSE, 1_000);
        BoundState other = BoundState.begin(secret, PURPOSE, 1_000);
        assertThat(one.text()).isNotEqualTo(other.text());
        assertThat(one.pkce().verifier()).isNotEqualTo(other.pkce().verifier());
        assertThat(one.text()).doesNotContain(secret).doesNotContain(one.pkce().verifier());
    }

    @Test
    void longPurpose_isRefused() {
        JsonObject purpose = new JsonObject(Map.of("id", new JsonString("a".repeat(3_000))));
        assertThatThrownBy(() -> BoundState.begin(Pkce.random(), purpose, 1_000))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
