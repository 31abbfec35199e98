package dev.errand.agent.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of tools are open: 1,024 at most, beyond which one is closed at once. One without the head of a
 * request for 30 seconds after it was opened, or for two minutes after a call, is closed. Thread-safe.
 */
final class OpenTools {
    private static final int MOST = 1_024;
    private static final int SILENT_SECONDS = 30;

    /** Longer than common clients keep a connection that they do not use, so that they close it first. */
    private static final int BETWEEN_SECONDS = 120;

    private final AtomicInteger open = new AtomicInteger();

    /** The handler of one connection. */
    Watch watch() {
        return new Watch();
    }

    /** Counts one connection, and waits for its requests. Used on the event loop only. */
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

        /** The next request is awaited. */
        void awaited(ChannelHandlerContext context) {
            await(context, BETWEEN_SECONDS);
        }

        /** A request came. */
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
