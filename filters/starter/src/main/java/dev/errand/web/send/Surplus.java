package dev.errand.web.send;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a connection is closed whose upstream broke the rules of HTTP. Each reason is logged once a second at most, with
 * how often it happened since the last line, and never with what was sent. Thread-safe.
 */
enum Surplus {
    UNASKED("it sent what no request asked for"),
    BEHIND("its answer went on behind its end"),
    UNREADABLE("its answer cannot be read"),
    SWITCH("it changed the protocol, which no request asked for"),
    INTERIM("it sent too many interim answers");

    private static final Logger LOG = LoggerFactory.getLogger(Surplus.class);
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final String what;
    private final AtomicLong unlogged = new AtomicLong();
    private final AtomicLong loggedNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

    Surplus(String what) {
        this.what = what;
    }

    void log(Channel channel) {
        unlogged.incrementAndGet();
        long last = loggedNanos.get();
        long now = System.nanoTime();
        if (now - last >= PAUSE_NANOS && loggedNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "connection to upstream {} closed: {} ({} times since this was logged last)",
                    channel.remoteAddress(),
                    what,
                    unlogged.getAndSet(0));
        }
    }
}
