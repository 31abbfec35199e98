package dev.errand.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the gateway waits for on one connection, and since when. Each connection has one timer. A call only notes a time; when
 * the timer fires, it is set again for what is left of the wait. Only a wait that ends before the timer would fire sets the timer to
 * an earlier time. Used on the event loop of the connection.
 */
final class ConnectionClock implements Runnable {
    /** How long an orderly close may take. */
    private static final long CLOSE_SECONDS = 2;

    static final long NEVER = Long.MAX_VALUE;

    /** What the client has to send next. */
    enum Wait {
        /** The rest of the head of a request. */
        HEADER,
        /** The first byte of a further request. */
        IDLE,
        /** More of a body. */
        BODY,
        /** Nothing: the gateway has to answer, or the connection was upgraded. */
        NOTHING
    }

    /** What the clock asks the handler of one version of HTTP. */
    interface Protocol {
        /** Whether the gateway reads the body, while the clock waits for more of it. */
        boolean isReading();

        /** Ends what is overdue. Returns how long the next wait lasts from now, in nanoseconds; {@link #NEVER} if there is none. */
        long expire(long nowNanos);
    }

    private final ChannelHandlerContext ctx;
    private final ServerBounds bounds;
    private final Closings closings;

    private Wait wait = Wait.HEADER;
    private long sinceNanos = System.nanoTime();
    private @Nullable Protocol protocol;
    private @Nullable Future<?> timer;
    private long firesNanos;
    private boolean stopped;
    private @Nullable UnsentBytes unsent;

    /** @param ctx the context of the handler that is nearest to the socket, or next to TLS */
    ConnectionClock(ChannelHandlerContext ctx, ServerBounds bounds, Closings closings) {
        this.ctx = ctx;
        this.bounds = bounds;
        this.closings = closings;
        fireWithin(bound(Wait.HEADER), sinceNanos);
    }

    ServerBounds bounds() {
        return bounds;
    }

    Closings closings() {
        return closings;
    }

    void speaks(Protocol version) {
        protocol = version;
    }

    Wait waits() {
        return wait;
    }

    /** Begins a wait, or begins it again. */
    void begin(Wait next) {
        wait = next;
        if (next != Wait.NOTHING) {
            sinceNanos = System.nanoTime();
            fireWithin(bound(next), sinceNanos);
        }
    }

    /** Counts the present wait from now. */
    void touch() {
        sinceNanos = System.nanoTime();
    }

    /** Sets the timer to fire after that time at the latest. */
    void fireWithin(long nanos, long nowNanos) {
        if (nanos == NEVER || stopped) {
            return;
        }
        long at = nowNanos + nanos;
        Future<?> set = timer;
        if (set != null) {
            if (firesNanos - at <= 0) {
                return;
            }
            set.cancel(false);
        }
        firesNanos = at;
        timer = ctx.executor().schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    /** The gateway wrote to the connection. If the client takes a part later, the clock looks whether it does. */
    void flushed() {
        if (unsent == null && bounds.answerNanos() > 0 && UnsentBytes.isAny(ctx.channel())) {
            long now = System.nanoTime();
            unsent = new UnsentBytes(ctx.channel(), now);
            fireWithin(bounds.answerCheckNanos(), now);
        }
    }

    void stop() {
        Future<?> set = timer;
        if (set != null) {
            set.cancel(false);
            timer = null;
        }
        stopped = true;
    }

    @Override
    public void run() {
        timer = null;
        if (stopped || !ctx.channel().isActive()) {
            return;
        }
        long now = System.nanoTime();
        if (isHeldUp()) {
            sinceNanos = now;
        }
        long left = left(now);
        if (left <= 0) {
            close(wait == Wait.HEADER ? Closing.HEADER : wait == Wait.IDLE ? Closing.IDLE : Closing.PROGRESS);
            return;
        }
        long answer = answerLeft(now);
        if (answer <= 0) {
            abort();
            return;
        }
        Protocol version = protocol;
        long others = version == null ? NEVER : version.expire(now);
        fireWithin(Math.min(Math.min(left, answer), others), now);
    }

    /** Whether the delay is not the client's: its answer is still on the way, or the gateway is not reading. */
    private boolean isHeldUp() {
        if (wait == Wait.IDLE) {
            return UnsentBytes.isAny(ctx.channel());
        }
        Protocol version = protocol;
        return wait == Wait.BODY && version != null && !version.isReading();
    }

    private long left(long now) {
        long bound = bound(wait);
        return bound == NEVER ? NEVER : sinceNanos + bound - now;
    }

    /** How long the client may still take no byte, or when to look again. */
    private long answerLeft(long now) {
        UnsentBytes written = unsent;
        if (written == null || !UnsentBytes.isAny(ctx.channel())) {
            unsent = null;
            return NEVER;
        }
        return Math.min(written.sinceNanos(now) + bounds.answerNanos() - now, bounds.answerCheckNanos());
    }

    /** {@code nanos}; {@link #NEVER} for 0, which means no bound. */
    static long orNever(long nanos) {
        return nanos == 0 ? NEVER : nanos;
    }

    private long bound(Wait of) {
        return orNever(
                switch (of) {
                    case HEADER -> bounds.headerNanos();
                    case IDLE -> bounds.idleNanos();
                    case BODY -> bounds.progressNanos();
                    case NOTHING -> 0;
                });
    }

    /**
     * Closes the connection although the client has not taken what was written. The handlers are bypassed, since TLS would
     * wait for the client; and the kernel drops its part too.
     */
    private void abort() {
        stop();
        closings.count(Closing.ANSWER);
        Channel channel = ctx.channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** Closes the connection: orderly if it is idle, else at once. */
    void close(Closing reason) {
        stop();
        closings.count(reason);
        if (reason != Closing.IDLE) {
            ctx.close();
            return;
        }
        Channel channel = ctx.channel();
        channel.close();
        ctx.executor()
                .schedule(
                        () -> {
                            if (channel.isOpen()) {
                                ctx.close();
                            }
                        },
                        CLOSE_SECONDS,
                        TimeUnit.SECONDS);
    }
}
