package dev.errand.agent.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of tools are open: 1,024 at most, beyond which one is closed at once. One without the head of a
 * request for 30 seconds after it was opened is closed. Thread-safe.
 */
final class OpenTools {
    private static final int MOST = 1_024;
    private static final int SILENT_SECONDS = 30;

    private final AtomicInteger open = new AtomicInteger();

    /** The handler of one connection. */
    Watch watch() {
        return new Watch();
    }

    /** Counts one connection, and waits for its first request. */
    final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable ScheduledFuture<?> silent;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (open.incrementAndGet() > MOST) {
                context.close();
                return;
            }
            silent = context.executor().schedule(() -> context.close(), SILENT_SECONDS, TimeUnit.SECONDS);
            context.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (silent != null) {
                silent.cancel(false);
                silent = null;
            }
            context.fireChannelRead(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            open.decrementAndGet();
            if (silent != null) {
                silent.cancel(false);
            }
            context.fireChannelInactive();
        }
    }
}
