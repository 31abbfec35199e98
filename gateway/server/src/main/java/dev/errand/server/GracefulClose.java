package dev.errand.server;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Ends the connections of a port that is about to close in an orderly way: HTTP/1.1 by {@code Connection: close} on the next answer
 * (RFC 9112 section 9.6), HTTP/2 by GOAWAY (RFC 9113 section 6.8). Calls are served meanwhile. Thread-safe.
 */
final class GracefulClose {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean begun;

    /** Adds a connection; it is removed when it is closed. To be called on its event loop. */
    void add(Channel connection) {
        open.add(connection);
        connection.closeFuture().addListener(closed -> open.remove(connection));
    }

    boolean hasBegun() {
        return begun;
    }

    /** Has every connection, also one that is opened later, end after its present work. */
    void begin() {
        begun = true;
        each(ClientWatch::depart);
    }

    /** Closes the connections without a request under way. The others end after their present work. */
    void end() {
        each(ClientWatch::leave);
    }

    private void each(Consumer<ClientWatch> action) {
        for (Channel connection : open) {
            connection.eventLoop().execute(() -> {
                ClientWatch watch =
                        connection.isActive() ? connection.pipeline().get(ClientWatch.class) : null;
                if (watch != null) {
                    action.accept(watch);
                }
            });
        }
    }
}
