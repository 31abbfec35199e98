package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many connections clients may have, and how long the gateway waits for their bytes. 0 means no bound.
 *
 * @param header the time for the head of a request: for the first one from the opening of the connection, for later
 *     ones from their first byte
 * @param idle the time between two requests of a kept connection
 * @param progress the time without a byte of a body that the gateway is reading
 * @param answer the time in which the client takes no byte of an answer or of an upgraded connection
 * @param connections open connections at once; a further one is closed at once
 * @param connectionsPerAddress the same, for the connections from one address
 */
public record ServerBoundsProperties(
        @DefaultValue("10s") Duration header,
        @DefaultValue("75s") Duration idle,
        @DefaultValue("30s") Duration progress,
        @DefaultValue("60s") Duration answer,
        @DefaultValue("10000") int connections,
        @DefaultValue("0") int connectionsPerAddress) {

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST = 10_000_000;

    /** Adds a fault for each value out of range. */
    void check(FaultPlaces places) {
        Map.of("header", header, "idle", idle, "progress", progress, "answer", answer)
                .forEach((key, value) -> places.at("errand.server." + key, () -> check(key, value)));
        Map.of("connections", connections, "connections-per-address", connectionsPerAddress)
                .forEach((key, value) -> places.at("errand.server." + key, () -> check(key, value)));
    }

    /** Warns if a client on another machine could take all connections. */
    void warn(FaultPlaces places, @Nullable String address) {
        if (connectionsPerAddress == 0 && !OperatorAddress.isLoopback(address)) {
            places.warn(
                    "errand.server.connections-per-address",
                    "clients of other machines reach the gateway, and one of them can take every connection: write a number"
                            + " under 'errand.server.connections-per-address', such as 200, or "
                            + (connections == 0 ? "10000" : connections)
                            + " if all clients come through one proxy");
        }
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
