package dev.errand.web.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.operation.header.HeaderRules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class HeaderViewTest {
    private static HttpHeaders headers(String... names) {
        HttpHeaders headers = new HttpHeaders();
        for (String name : names) {
            headers.add(name, "x");
        }
        return headers;
    }

    /** A header that is not sent decides nothing: no argument comes from it. */
    @Test
    void forwarded_hidesWhatTheRulesKeepBack() {
        HeaderView view = HeaderView.asSent(headers("X-Remote-User", "X_Own", "X-Real-IP", "Accept"))
                .forwarded(HeaderRules.COMMON.with(
                        List.of("X-Own"), List.of(), Map.of("x_real_ip", new Position("x", 1, 1))));
        assertThat(view.values("X-Remote-User")).isEmpty();
        assertThat(view.values("X_Own")).isEmpty();
        assertThat(view.values("X-Real-IP")).containsExactly("x");
        assertThat(view.foldedNames()).containsExactlyInAnyOrder("x-real-ip", "accept");
        assertThat(view.names()).containsExactlyInAnyOrder("X-Real-IP", "Accept");
    }

    @Test
    void repeatedNames_areThoseOnTwoLinesOrInTwoSpellings() {
        HttpHeaders sent = headers("Accept", "Content-Type", "X_Tag", "X-Tag", "X_Alone", "content-type");
        assertThat(HeaderView.asSent(sent).repeatedNames()).containsOnly("content-type", "x-tag");
        assertThat(HeaderView.asSent(headers("Accept", "X-Tag")).repeatedNames())
                .isEmpty();
    }
}
