package dev.errand.state.redis.link;

import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When the next attempt to connect may begin. The time between two attempts grows, with jitter, until the store
 * answers: replicas that lost the store together do not all connect again at the same moments. An attempt that takes
 * long does not hold back the next one, since its packets may be lost; more than {@value #AT_ONCE} never run at the
 * same time. Thread-safe.
 */
final class ConnectPace {
    static final int AT_ONCE = 2;

    /** 100 ms at first, then twice as long each time, of which the second half is random; 800 ms at most. */
    static final Delay DELAY =
            Delay.fullJitter(Duration.ofMillis(100), Duration.ofMillis(800), 100, TimeUnit.MILLISECONDS);

    private int underWay;
    private long attempts;
    private long nextNanos;

    ConnectPace(long nowNanos) {
        nextNanos = nowNanos;
    }

    /** Begins an attempt, if one may begin now. */
    synchronized boolean begin(long nowNanos) {
        if (underWay == AT_ONCE || nowNanos - nextNanos < 0) {
            return false;
        }
        underWay++;
        attempts++;
        nextNanos = nowNanos + DELAY.createDelay(attempts).toNanos();
        return true;
    }

    /** An attempt is over, in whatever way. */
    synchronized void ended() {
        underWay--;
    }

    /** The store answered: the next attempts follow each other quickly again. */
    synchronized void answered() {
        attempts = 0;
    }
}
