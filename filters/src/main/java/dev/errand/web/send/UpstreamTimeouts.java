package dev.errand.web.send;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/**
 * How long an upstream has to accept a connection and to begin its answer: what the route's metadata says, else what is
 * configured for all.
 *
 * @param properties what is configured for all
 */
record UpstreamTimeouts(HttpClientProperties properties) {
    /** The route's own connect timeout in milliseconds, or null. */
    static @Nullable Integer connectOf(Route route) {
        Object own = route.getMetadata().get(RouteMetadataUtils.CONNECT_TIMEOUT_ATTR);
        return own == null ? null : Integer.valueOf(own.toString());
    }

    /** The connect timeout of all routes in milliseconds; null for the client's default. */
    @Nullable Integer connect() {
        return properties.getConnectTimeout();
    }

    /**
     * How long the head of the answer may take from when the request is to be sent; null for no limit, which a
     * negative value stands for.
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
