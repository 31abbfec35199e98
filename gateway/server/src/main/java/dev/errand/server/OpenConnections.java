package dev.errand.server;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The connections of one listening socket in the order in which they were opened. Thread-safe. */
final class OpenConnections {
    // guarded by this
    private final Set<Channel> connections = new LinkedHashSet<>();

    /** Adds the newest connection; it is removed when it is closed. */
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
     * Closes the oldest connection that has no request under way. From now on the connection does not count. It closes
     * later, on its own event loop.
     *
     * @return false if there is none
     */
    boolean closeOldestQuiet() {
        Channel oldest = takeOldestQuiet();
        if (oldest == null) {
            return false;
        }
        // The handlers are bypassed: TLS would wait until the client has taken the last message.
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
