package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

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

    @Test
    void repeatedNames_areThoseOnTwoLinesOrInTwoSpellings() {
        HttpHeaders sent = headers("Accept", "Content-Type", "X_Tag", "X-Tag", "X_Alone", "content-type");
        assertThat(HeaderView.asSent(sent).repeatedNames()).containsOnly("content-type", "x-tag");
        assertThat(HeaderView.asSent(headers("Accept", "X-Tag")).repeatedNames())
                .isEmpty();
    }
}
