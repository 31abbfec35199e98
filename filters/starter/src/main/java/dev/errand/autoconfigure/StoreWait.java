package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreFault;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The wait for a store that does not answer when the gateway starts ({@code errand.state.wait}). Meanwhile the gateway
 * runs with readiness down and refuses every call. The store's answer ends the wait. A store that refuses the gateway
 * (its password, its certificate, its name) ends it too, since waiting would not help. A follower learns how the wait
 * ended; without a follower the gateway closes itself. Thread-safe.
 */
public final class StoreWait implements SmartInitializingSingleton, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWait.class);

    /** How long a start blocks before it continues without the store. */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);

    /** A first command is answered, or its failure is known, so long after the connection at most. */
    private static final Duration A_COMMAND = Duration.ofSeconds(1);

    private static final long POLL_MILLIS = 20;
    private static final long FOLLOWER_MILLIS = 1_000;

    private final RedisLink link;
    private final ErrandProperties properties;
    private final Runnable warmUp;
    private final Runnable close;
    private final long endNanos;
    private volatile boolean over;
    private volatile boolean closed;
    private volatile @Nullable List<String> givenUp;
    private @Nullable Follower follower;

    private record Follower(Runnable answered, Consumer<List<String>> gaveUp) {}

    /**
     * Begins a wait now.
     *
     * @param warmUp runs when the store answers, before the gateway is ready; blocks for seconds at most
     * @param close closes the gateway
     */
    StoreWait(RedisLink link, ErrandProperties properties, Runnable warmUp, Runnable close) {
        this.link = link;
        this.properties = properties;
        this.warmUp = warmUp;
        this.close = close;
        this.endNanos = System.nanoTime() + properties.state().waiting().toNanos();
        if (link.isAnswering()) {
            warmUp.run();
            over = true;
        }
    }

    /**
     * Blocks until the store answers, for a few seconds at most. Returns without an answer if the gateway may wait
     * longer. Throws a {@link ConfigurationException} with the reason if it may not, or if the store refuses the
     * gateway.
     */
    static void first(RedisLink link, ErrandProperties properties) {
        ErrandProperties.State state = properties.state();
        boolean waits = !state.waiting().isZero() && !state.isEmbedded();
        Duration connecting = state.connectTimeout().plus(A_COMMAND);
        Duration first = waits ? least(state.waiting(), FIRST_ANSWER) : most(connecting, FIRST_ANSWER);
        long end = System.nanoTime() + first.toNanos();
        boolean atOnce = !waits && !state.isEmbedded();
        while (!link.isAnswering()) {
            StoreFault fault = link.fault();
            boolean late = System.nanoTime() - end > 0;
            boolean hopeless = fault != null && (fault.isRefusal() || (atOnce && fault.kind() == StoreFault.Kind.AWAY));
            if (hopeless || (late && !waits)) {
                throw StoreReason.of(properties, fault);
            }
            if (late) {
                return;
            }
            pause();
        }
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration most(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /** Whether the store has answered since the start. */
    public boolean isOver() {
        return over;
    }

    /** One line that says which store is waited for. */
    public String line() {
        StoreFault fault = link.fault();
        return "no answer from the state store at " + StoreReason.shown(properties.state())
                + (fault == null ? "" : " (" + fault.said() + ")") + ": waiting for it for "
                + properties.state().waiting().toSeconds() + " s, readiness is down";
    }

    /**
     * Sets the follower: {@code answered} runs when the store has answered, {@code gaveUp} gets the reason when the
     * wait is given up. If that is known already, it is told at once. With a follower the gateway does not close
     * itself.
     */
    public void follow(Runnable answered, Consumer<List<String>> gaveUp) {
        List<String> reason;
        synchronized (this) {
            reason = givenUp;
            if (!over && reason == null) {
                follower = new Follower(answered, gaveUp);
                return;
            }
            // A store that has answered may be lost later.
            follower = new Follower(() -> {}, reason == null ? gaveUp : lines -> {});
        }
        if (reason != null) {
            gaveUp.accept(reason);
        } else {
            answered.run();
        }
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (!over) {
            LOG.warn("{}", line());
            Thread waiting = new Thread(this::await, "errand-store-wait");
            waiting.setDaemon(true);
            waiting.start();
        }
    }

    private void await() {
        while (!link.isAnswering() && !closed) {
            StoreFault fault = link.fault();
            boolean refused = fault != null && fault.isRefusal();
            if (refused || System.nanoTime() - endNanos > 0) {
                giveUp(StoreReason.of(properties, fault).lines());
                return;
            }
            pause();
        }
        if (closed) {
            return;
        }
        warmUp.run();
        LOG.info("the state store answers");
        Follower told;
        synchronized (this) {
            over = true;
            told = follower;
        }
        if (told != null) {
            told.answered().run();
        }
    }

    /** The store has ended for good: tells the follower, as if the wait were given up; without one the gateway closes itself. */
    void lost(String why) {
        Follower told;
        synchronized (this) {
            told = follower;
        }
        if (told == null) {
            LOG.error("{}", why);
            close.run();
        } else {
            told.gaveUp().accept(List.of(why));
        }
    }

    private void giveUp(List<String> lines) {
        lines.forEach(line -> LOG.error("{}", line));
        Follower told;
        synchronized (this) {
            givenUp = lines;
            told = follower;
        }
        long end = System.nanoTime() + Duration.ofMillis(FOLLOWER_MILLIS).toNanos();
        while (told == null && System.nanoTime() - end < 0) {
            pause();
            synchronized (this) {
                told = follower;
            }
        }
        if (told == null) {
            close.run();
        } else {
            told.gaveUp().accept(lines);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ConfigurationException.of("errand.state.redis: interrupted while waiting for the store");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
