package dev.errand.server;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/** How long a call may run: the longest time that any route gives its upstream to answer. */
final class LongestCall {
    private LongestCall() {}

    /**
     * The longest bound of all routes. A route without a bound is left out, since no time is long enough for it.
     *
     * @param common the bound of routes that have none of their own; null if these are unbounded
     */
    static Duration of(@Nullable Duration common, List<Route> routes) {
        Duration longest = common == null ? Duration.ZERO : common;
        for (Route route : routes) {
            Object own = route.getMetadata().get(RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR);
            Duration bound = own == null ? Duration.ZERO : Duration.ofMillis(millis(own));
            if (bound.compareTo(longest) > 0) {
                longest = bound;
            }
        }
        return longest;
    }

    private static long millis(Object value) {
        try {
            return Long.parseLong(value.toString());
        } catch (NumberFormatException e) {
            // Such a route has the common bound.
            return 0;
        }
    }
}
