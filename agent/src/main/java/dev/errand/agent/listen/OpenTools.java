package dev.errand.agent.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the connections of tools: 1,024 at most; a further one is closed at once. A connection that has not sent the
 * head of a request is closed 30 seconds after it was opened, or two minutes after its last call. Thread-safe.
 */
final class OpenTools {
    private static final int MOST = 1_024;
    private static final int SILENT_SECONDS = 30;

    /** Common clients keep an unused connection for a shorter time, so that they close it first. */
    private static final int BETWEEN_SECONDS = 120;

    private final AtomicInteger open = new AtomicInteger();

    /** A handler for one connection. */
    Watch watch() {
        return new Watch();
    }

    /** Counts one connection, and closes it if no request comes in time. Used on the event loop only. */
    final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable ScheduledFuture<?> silent;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (open.incrementAndGet() > MOST) {
                context.close();
                return;
            }
            await(context, SILENT_SECONDS);
            context.fireChannelActive();
        }

        private void await(ChannelHandlerContext context, int seconds) {
            heard();
            silent = context.executor().schedule(() -> context.close(), seconds, TimeUnit.SECONDS);
        }

        /** Starts to wait for the next request. */
        void awaited(ChannelHandlerContext context) {
            await(context, BETWEEN_SECONDS);
        }

        /** A request has come: ends the wait. */
        void heard() {
            if (silent != null) {
                silent.cancel(false);
                silent = null;
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            open.decrementAndGet();
            heard();
            context.fireChannelInactive();
        }
    }
}
