package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.route.Route;

class LongestCallTest {
    private static Route route(@Nullable Object timeout) {
        Route.AsyncBuilder builder =
                Route.async().id("r").uri("http://127.0.0.1:1").predicate(exchange -> true);
        return (timeout == null ? builder : builder.metadata("response-timeout", timeout)).build();
    }

    @Test
    void of_routesThatSayNothing_isTheCommonTime() {
        assertThat(LongestCall.of(Duration.ofSeconds(60), List.of(route(null)))).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void of_aRouteThatWaitsLonger_isItsTime() {
        assertThat(LongestCall.of(Duration.ofSeconds(60), List.of(route("90000"), route(1000), route(null))))
                .isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void of_routesWithoutABoundOrWithNone_doNotCount() {
        assertThat(LongestCall.of(null, List.of(route(-1), route("soon")))).isEqualTo(Duration.ZERO);
    }
}
