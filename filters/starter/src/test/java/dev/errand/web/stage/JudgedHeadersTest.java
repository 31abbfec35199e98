package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.Unlisted;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class JudgedHeadersTest {
    private static final HeaderRules RULES = HeaderRules.COMMON.with(
            List.of(),
            Map.of("X-Real-IP", new Position("x", 1, 1), "X-Own-*", new Position("x", 1, 9)),
            Unlisted.BY_EFFECT);

    private static HttpHeaders headers(String... names) {
        HttpHeaders headers = new HttpHeaders();
        for (String name : names) {
            headers.add(name, "x");
        }
        return headers;
    }

    private static JudgedHeaders judged(String... names) {
        return JudgedHeaders.of(HeaderView.asSent(headers(names)), RULES);
    }

    /** A header that is not sent decides nothing: no argument comes from it. */
    @Test
    void forwarded_hidesWhatDoesNotPass() {
        HeaderView view = judged("X-Remote-User", "X_Own", "X-Own-A", "X-Real-IP", "Accept", "X-Else", "Origin")
                .forwarded();
        assertThat(view.values("X-Remote-User")).isEmpty();
        assertThat(view.values("X_Own")).isEmpty();
        assertThat(view.values("X-Else")).isEmpty();
        assertThat(view.values("origin")).isEmpty();
        assertThat(view.values("x-real-ip")).containsExactly("x");
        assertThat(view.lowerNames()).containsExactlyInAnyOrder("x-own-a", "x-real-ip", "accept");
        assertThat(view.names()).containsExactlyInAnyOrder("X-Own-A", "X-Real-IP", "Accept");
    }

    /** Else the resolver would not see a Content-Type that is sent. */
    @Test
    void lookalike_hidesOnlyItself() {
        HeaderView view = judged("Content_Type", "Content-Type").forwarded();
        assertThat(view.values("Content-Type")).containsExactly("x");
        assertThat(view.values("Content_Type")).isEmpty();
    }

    @Test
    void named_areTheUnlistedFirst_withoutWhatBelongsToTheConnection() {
        JudgedHeaders judged = judged("Origin", "DPoP", "X-Remote-User", "X-Tenant-Id", "X_Own_A", "Host", "Accept");
        assertThat(judged.isWhole()).isFalse();
        assertThat(judged.unlisted()).containsExactlyInAnyOrder("x-tenant-id", "x_own_a");
        assertThat(judged.removed()).containsExactlyInAnyOrder("origin", "x-remote-user");
        assertThat(judged.named().subList(0, 2)).containsExactlyInAnyOrder("x-tenant-id", "x_own_a");
        assertThat(judged.without(Set.of("x_own_a", "origin")::contains).named())
                .containsExactlyInAnyOrder("x-tenant-id", "x-remote-user");

        HttpHeaders hop = headers("X-Tenant-Id", "X-Own-A", "Accept");
        hop.add("Connection", "close, X-Tenant-Id, x-own-a");
        JudgedHeaders named = JudgedHeaders.of(HeaderView.asSent(hop), RULES);
        assertThat(named.isWhole()).isTrue();
        assertThat(named.forwarded().names()).containsExactly("Accept");
    }

    @Test
    void named_areSixteenAtMost() {
        String[] names = new String[200];
        for (int i = 0; i < names.length; i++) {
            names[i] = "X-Many-" + i;
        }
        JudgedHeaders judged = judged(names);
        assertThat(judged.unlisted()).hasSize(200);
        assertThat(judged.named()).hasSize(16);
    }

    @Test
    void by_otherRules_judgesAnew() {
        JudgedHeaders judged = judged("X-Tag", "Accept");
        assertThat(judged.by(RULES)).isSameAs(judged);
        assertThat(judged.by(RULES.declaring(Set.of("X-Tag"))).isWhole()).isTrue();
    }
}
