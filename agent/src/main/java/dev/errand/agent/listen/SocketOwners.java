package dev.errand.agent.listen;

import java.util.Collection;
import java.util.Map;

/** Finds the users of sockets on this machine. Used by one thread. May block for a moment. */
interface SocketOwners {
    /**
     * The effective user id with which each peer's socket was made. A connection is absent if its peer's socket is not found, or no process
     * holds the socket any more: the kernel tells user 0 for such a socket.
     */
    Map<Connection, Integer> of(Collection<Connection> connections);
}
