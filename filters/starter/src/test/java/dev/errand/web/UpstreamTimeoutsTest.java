package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UpstreamTimeoutsTest {
    private static final UpstreamTimeouts MINUTE = new UpstreamTimeouts(Duration.ofSeconds(60));

    private static Stream<Map<String, Object>> routes(Object... timeouts) {
        return Arrays.stream(timeouts).map(own -> own.equals("") ? Map.of() : Map.of("response-timeout", own));
    }

    @Test
    void response_routeThatSaysItsTime_isThat() {
        assertThat(MINUTE.response(Map.of("response-timeout", "90000"))).isEqualTo(Duration.ofSeconds(90));
        assertThat(MINUTE.response(Map.of("response-timeout", 0))).isZero();
        assertThat(MINUTE.response(Map.of("response-timeout", -1))).isNull();
        assertThat(MINUTE.response(Map.of("response-timeout", "soon"))).isEqualTo(Duration.ofSeconds(60));
        assertThat(MINUTE.response(Map.of())).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void longest_routesThatSayNothing_isTheCommonTime() {
        assertThat(MINUTE.longest(routes(""))).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void longest_aRouteThatWaitsLonger_isItsTime() {
        assertThat(MINUTE.longest(routes("90000", 1000, ""))).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void longest_routesWithoutABoundOrWithNone_doNotCount() {
        assertThat(new UpstreamTimeouts(null).longest(routes(-1, "soon", ""))).isEqualTo(Duration.ZERO);
    }
}
