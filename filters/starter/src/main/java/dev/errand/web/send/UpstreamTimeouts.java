package dev.errand.web.send;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/**
 * How long an upstream may take to accept a connection and to begin its answer: the route's metadata says it, else the
 * configuration for all routes.
 *
 * @param properties the configuration for all routes
 */
record UpstreamTimeouts(HttpClientProperties properties) {
    /** The route's own connect timeout in milliseconds, or null. */
    static @Nullable Integer connectOf(Route route) {
        Object own = route.getMetadata().get(RouteMetadataUtils.CONNECT_TIMEOUT_ATTR);
        return own == null ? null : Integer.valueOf(own.toString());
    }

    /**
     * How long the head of the answer may take, counted from when the request is to be sent; null for no limit. A negative
     * configured value means no limit.
     */
    @Nullable Duration response(Route route) {
        Object own = route.getMetadata().get(RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR);
        if (own != null) {
            try {
                long millis = Long.parseLong(own.toString());
                return millis < 0 ? null : Duration.ofMillis(millis);
            } catch (NumberFormatException malformed) {
                return properties.getResponseTimeout();
            }
        }
        return properties.getResponseTimeout();
    }
}
