package dev.errand.server;

import dev.errand.autoconfigure.ServerBoundsProperties;
import java.time.Duration;

/**
 * The bounds of the connections of one port. 0 means no bound.
 *
 * @param headerNanos the longest time from the opening of a connection, later from a request's first byte, to the end of its head
 * @param idleNanos the longest time between the answer to one request and the first byte of the next one
 * @param progressNanos the longest time without a byte of a body that the gateway is reading
 * @param answerNanos the longest time in which the client takes no byte of an answer
 * @param connections how many connections there may be at once
 * @param perAddress how many connections there may be at once from one address
 * @param newestFirst whether a connection above the number takes the place of the oldest one without a request under way;
 *     else it is closed itself
 */
record ServerBounds(
        long headerNanos,
        long idleNanos,
        long progressNanos,
        long answerNanos,
        int connections,
        int perAddress,
        boolean newestFirst) {
    private static final int CHECKS = 4;

    /** How often an answer is looked at: {@link ConnectionClock#NEVER} without a bound. */
    long answerCheckNanos() {
        return ConnectionClock.orNever(answerNanos / CHECKS);
    }

    /** The bounds of the traffic port. They are configured, except for the number of connections. */
    static ServerBounds ofTraffic(ServerBoundsProperties configured, int connections) {
        return new ServerBounds(
                configured.header().toNanos(),
                configured.idle().toNanos(),
                configured.progress().toNanos(),
                configured.answer().toNanos(),
                connections,
                configured.connectionsPerAddress(),
                false);
    }

    /** The bounds of the operator's port, where {@code header} also bounds the time of a head. */
    static ServerBounds ofOperator(ServerBoundsProperties configured, int connections, Duration header) {
        long configuredHeader = configured.header().toNanos();
        return new ServerBounds(
                configuredHeader == 0 ? header.toNanos() : Math.min(header.toNanos(), configuredHeader),
                configured.idle().toNanos(),
                configured.progress().toNanos(),
                configured.answer().toNanos(),
                connections,
                0,
                true);
    }
}
