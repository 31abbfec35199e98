package dev.errand.gateway.server;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The connections of one listening socket in the order in which they were opened. Thread-safe. */
final class OpenConnections {
    // guarded by this
    private final Set<Channel> connections = new LinkedHashSet<>();

    /** The newest connection, which leaves by itself when it is closed. */
    void add(Channel connection) {
        synchronized (this) {
            connections.add(connection);
        }
        connection.closeFuture().addListener(ended -> leave(connection));
    }

    private synchronized void leave(Channel connection) {
        connections.remove(connection);
    }

    /**
     * Closes the oldest connection that has no request under way. The method does not wait for it: it closes on its own
     * event loop, and no longer counts.
     *
     * @return false if there is none
     */
    boolean closeOldestQuiet() {
        Channel oldest = takeOldestQuiet();
        if (oldest == null) {
            return false;
        }
        // Past the handlers: TLS would wait until the client has taken its last message.
        oldest.eventLoop().execute(() -> oldest.unsafe().close(oldest.unsafe().voidPromise()));
        return true;
    }

    private synchronized @Nullable Channel takeOldestQuiet() {
        for (Iterator<Channel> each = connections.iterator(); each.hasNext(); ) {
            Channel connection = each.next();
            if (connection.isRegistered() && !ClientWatch.hasRequest(connection.pipeline())) {
                each.remove();
                return connection;
            }
        }
        return null;
    }
}
