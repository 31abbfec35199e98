package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

class TraceparentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String GOOD = "00-" + TRACE + "-00f067aa0ba902b7-00";

    private static HttpHeaders received(String... values) {
        HttpHeaders headers = new HttpHeaders();
        for (String value : values) {
            headers.add("traceparent", value);
        }
        return headers;
    }

    @Test
    void next_goodParent_continuesItsTraceInASpanOfOurs() {
        HttpHeaders headers = received(GOOD);
        String next = Traceparent.next(headers);
        assertThat(next).matches("00-" + TRACE + "-[0-9a-f]{16}-00").doesNotContain("00f067aa0ba902b7");
        assertThat(Traceparent.continues(headers, next)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ff-" + TRACE + "-00f067aa0ba902b7-00", "00-" + TRACE + "-0000000000000000-00"})
    void next_malformedParent_beginsATrace(String value) {
        HttpHeaders headers = received(value);
        String next = Traceparent.next(headers);
        assertThat(next).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01").doesNotContain(TRACE);
        assertThat(Traceparent.continues(headers, next)).isFalse();
    }

    @Test
    void next_twoParents_beginsATrace() {
        assertThat(Traceparent.next(received(GOOD, GOOD))).doesNotContain(TRACE);
        assertThat(Traceparent.continues(received(), Traceparent.next(received())))
                .isFalse();
    }
}
