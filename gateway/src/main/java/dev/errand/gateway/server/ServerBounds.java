package dev.errand.gateway.server;

import dev.errand.autoconfigure.ServerBoundsProperties;

/**
 * The bounds of the connections of one port. 0 means no bound.
 *
 * @param headerNanos from the opening of a connection, later from a request's first byte, to the end of the request's head
 * @param idleNanos between the answer to one request and the first byte of the next one
 * @param progressNanos without a byte of a body that the gateway is reading
 * @param connections how many there may be at once
 * @param perAddress how many there may be at once from one address
 */
record ServerBounds(long headerNanos, long idleNanos, long progressNanos, int connections, int perAddress) {
    /** As configured, but for the number of connections. */
    static ServerBounds of(ServerBoundsProperties configured, int connections, int perAddress) {
        return new ServerBounds(
                configured.header().toNanos(),
                configured.idle().toNanos(),
                configured.progress().toNanos(),
                connections,
                perAddress);
    }
}
