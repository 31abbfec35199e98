package dev.errand.gateway;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/** How long a call may run: the longest time that any route gives its upstream to answer. */
final class LongestCall {
    private LongestCall() {}

    /**
     * The longest of all routes. A route without a bound counts for nothing, as no time is long enough for it.
     *
     * @param common of the routes that say nothing, or null for no bound
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
            // Such a route has the time of all.
            return 0;
        }
    }
}
