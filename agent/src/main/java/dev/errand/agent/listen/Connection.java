package dev.errand.agent.listen;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An accepted TCP connection.
 *
 * @param peer the address and port of the tool's socket
 * @param own the address and port of the listener's socket, of the same family
 */
record Connection(InetSocketAddress peer, InetSocketAddress own) {
    InetAddress peerAddress() {
        return peer.getAddress();
    }

    InetAddress ownAddress() {
        return own.getAddress();
    }
}
