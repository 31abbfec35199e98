package dev.errand.web;

import java.time.Duration;
import java.util.Map;

/**
 * Where spans are sent, and how many.
 *
 * @param endpoint the whole address, such as {@code https://collector:4318/v1/traces}
 * @param headers sent with every export
 * @param timeout of one export
 * @param connectTimeout of the connection to the collector
 * @param compression {@code gzip} or {@code none}
 * @param share the share, from 0 to 1, of the traces that begin here; for other traces the caller decides
 * @param resource attributes of this process, including {@code service.name}
 */
public record TraceSettings(
        String endpoint,
        Map<String, String> headers,
        Duration timeout,
        Duration connectTimeout,
        String compression,
        double share,
        Map<String, String> resource) {
    public TraceSettings {
        headers = Map.copyOf(headers);
        resource = Map.copyOf(resource);
        if (!compression.equals("gzip") && !compression.equals("none")) {
            throw new IllegalArgumentException("compression must be gzip or none, was '" + compression + "'");
        }
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("the sampling probability must be 0 to 1, was " + share);
        }
    }
}
