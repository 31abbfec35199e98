package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many connections clients may have, and how long the gateway waits for what they have to send. 0 means no bound.
 * Answers, and connections that were upgraded, have no deadline.
 *
 * @param header from the opening of a connection, later from a request's first byte, to the end of the request's head
 * @param idle between two requests of a kept connection
 * @param progress without a byte of a body that the gateway is reading
 * @param connections at once; one more is closed at once
 * @param connectionsPerAddress the same, of those from one address
 */
public record ServerBoundsProperties(
        @DefaultValue("10s") Duration header,
        @DefaultValue("75s") Duration idle,
        @DefaultValue("30s") Duration progress,
        @DefaultValue("10000") int connections,
        @DefaultValue("0") int connectionsPerAddress) {

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST = 10_000_000;

    /** Notes every value that no server could want. */
    void check(FaultPlaces places) {
        Map.of("header", header, "idle", idle, "progress", progress)
                .forEach((key, value) -> places.at("errand.server." + key, () -> check(key, value)));
        Map.of("connections", connections, "connections-per-address", connectionsPerAddress)
                .forEach((key, value) -> places.at("errand.server." + key, () -> check(key, value)));
    }

    private static void check(String key, Duration value) {
        if (!value.isZero() && (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0)) {
            throw ConfigurationException.of("'errand.server." + key + "' must be 10ms to 1d, or 0 for no bound");
        }
    }

    private static void check(String key, int value) {
        if (value < 0 || value > MOST) {
            throw ConfigurationException.of("'errand.server." + key + "' must be 1 to 10000000, or 0 for no bound");
        }
    }
}
