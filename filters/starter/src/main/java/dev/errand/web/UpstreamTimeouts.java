package dev.errand.web;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;

/**
 * How long an upstream may take to accept a connection and to begin its answer: the route's metadata says it, else the
 * configuration for all routes.
 *
 * @param common how long the answers of routes may take that say nothing; null for no limit
 */
public record UpstreamTimeouts(@Nullable Duration common) {
    /** The route's own connect timeout in milliseconds, or null. */
    public static @Nullable Integer connectOf(Route route) {
        Object own = route.getMetadata().get(RouteMetadataUtils.CONNECT_TIMEOUT_ATTR);
        return own == null ? null : Integer.valueOf(own.toString());
    }

    /**
     * How long the head of the answer may take, counted from when the request is to be sent; null for no limit. A negative
     * value means no limit. A value that is no number means the common one.
     *
     * @param metadata of the route
     */
    public @Nullable Duration response(Map<String, Object> metadata) {
        Object own = metadata.get(RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR);
        if (own == null) {
            return common;
        }
        try {
            long millis = Long.parseLong(own.toString());
            return millis < 0 ? null : Duration.ofMillis(millis);
        } catch (NumberFormatException malformed) {
            return common;
        }
    }

    /**
     * How long a call may wait for its answer: the longest limit of all routes. A route without a limit is left out, since
     * no time is long enough for it. Zero if there is no limit at all.
     *
     * @param metadata of each route
     */
    public Duration longest(Stream<Map<String, Object>> metadata) {
        return Stream.concat(
                        Stream.ofNullable(common), metadata.map(this::response).flatMap(Stream::ofNullable))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
