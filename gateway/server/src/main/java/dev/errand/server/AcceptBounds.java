package dev.errand.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of one listening socket, and closes one above a bound at once, before it has an event loop or any
 * handler. If the newest come first, an older connection without a request under way is closed instead. First in the
 * pipeline of the listening socket, and used by its event loop; connections end on any loop.
 */
final class AcceptBounds extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptBounds.class);
    private static final long SILENT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final ServerBounds bounds;
    private final Closings closings;
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final @Nullable OpenConnections inOrder;

    private long warnedNanos = System.nanoTime() - SILENT_NANOS;

    AcceptBounds(ServerBounds bounds, Closings closings) {
        this.bounds = bounds;
        this.closings = closings;
        this.inOrder = bounds.newestFirst() ? new OpenConnections() : null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Channel connection)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (bounds.connections() > 0 && closings.open().get() >= bounds.connections() && !makesRoom()) {
            refuse(connection, Closing.CONNECTIONS);
            return;
        }
        InetAddress address = bounds.perAddress() > 0 ? address(connection) : null;
        if (address != null) {
            if (byAddress.merge(address, 1, Integer::sum) > bounds.perAddress()) {
                leave(address);
                refuse(connection, Closing.ADDRESS);
                return;
            }
        }
        closings.open().incrementAndGet();
        connection.closeFuture().addListener(ended -> {
            closings.open().decrementAndGet();
            if (address != null) {
                leave(address);
            }
        });
        if (inOrder != null) {
            inOrder.add(connection);
        }
        ctx.fireChannelRead(connection);
    }

    private boolean makesRoom() {
        if (inOrder == null || !inOrder.closeOldestQuiet()) {
            return false;
        }
        closings.count(Closing.CONNECTIONS);
        return true;
    }

    private void refuse(Channel connection, Closing reason) {
        closings.count(reason);
        connection.unsafe().closeForcibly();
    }

    private void leave(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
    }

    private static @Nullable InetAddress address(Channel connection) {
        return connection.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
    }

    /** Logs that no connection can be accepted, for instance at the limit of open files. Netty tries again after a second. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        long now = System.nanoTime();
        if (now - warnedNanos >= SILENT_NANOS) {
            warnedNanos = now;
            LOG.warn(
                    "connections to {} cannot be accepted, {} are open: {}",
                    ctx.channel().localAddress(),
                    closings.open().get(),
                    String.valueOf(cause.getMessage()));
        }
        ctx.fireExceptionCaught(cause);
    }
}
