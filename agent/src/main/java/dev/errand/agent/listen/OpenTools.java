package dev.errand.agent.listen;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many connections of tools are open: 1,024 at most. A further one takes the place of the oldest that has not sent the
 * head of a request; if there is none, the place of the one that has waited longest for its next request; and if there is
 * none either, it is closed at once. So no silent connections keep a tool out. A connection without the head of a request
 * for 30 seconds after it was opened, or for two minutes after a call, is closed. Used on the event loop only.
 */
public final class OpenTools {
    private static final int MOST = 1_024;
    private static final int SILENT_SECONDS = 30;

    /** Common clients keep an unused connection for a shorter time, so that they close it first. */
    private static final int BETWEEN_SECONDS = 120;

    private final int most;
    private final Set<Watch> silent = new LinkedHashSet<>();
    private final Set<Watch> between = new LinkedHashSet<>();
    private int open;

    public OpenTools() {
        this(MOST);
    }

    OpenTools(int most) {
        this.most = most;
    }

    /** A handler for one connection. */
    public Watch watch() {
        return new Watch();
    }

    private boolean hasRoom() {
        if (open < most) {
            return true;
        }
        Iterator<Watch> oldest = silent.iterator();
        Watch given = oldest.hasNext() ? oldest.next() : null;
        for (Iterator<Watch> each = between.iterator(); given == null && each.hasNext(); ) {
            Watch idle = each.next();
            given = idle.isSending() ? null : idle;
        }
        if (given != null) {
            given.giveUp();
        }
        return given != null;
    }

    /** Counts one connection, and waits for its requests. */
    public final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable Channel counted;
        private @Nullable ScheduledFuture<?> timer;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (!hasRoom()) {
                context.close();
                return;
            }
            counted = context.channel();
            open++;
            await(context, silent, SILENT_SECONDS);
            context.fireChannelActive();
        }

        private void await(ChannelHandlerContext context, Set<Watch> among, int seconds) {
            heard();
            if (counted != null) {
                among.add(this);
                timer = context.executor().schedule(() -> context.close(), seconds, TimeUnit.SECONDS);
            }
        }

        /** Starts to wait for the next request. */
        public void awaited(ChannelHandlerContext context) {
            await(context, between, BETWEEN_SECONDS);
        }

        /** A request has come: ends the wait. */
        public void heard() {
            silent.remove(this);
            between.remove(this);
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        /** The connection has its last answer, and only the rest of its request is read: a further tool may take its place. */
        void dismissed() {
            heard();
            if (counted != null) {
                silent.add(this);
            }
        }

        /** Whether the tool has not taken all of the last answer. */
        private boolean isSending() {
            ChannelOutboundBuffer unsent =
                    counted == null ? null : counted.unsafe().outboundBuffer();
            return unsent != null && unsent.totalPendingWriteBytes() > 0;
        }

        /** Closes the connection, past the handlers: TLS would wait until the tool has taken its last message. */
        private void giveUp() {
            Channel channel = counted;
            leave();
            if (channel != null) {
                channel.unsafe().close(channel.voidPromise());
            }
        }

        private void leave() {
            heard();
            if (counted != null) {
                counted = null;
                open--;
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            leave();
            context.fireChannelInactive();
        }
    }
}
