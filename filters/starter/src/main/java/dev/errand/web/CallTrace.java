package dev.errand.web;

import dev.errand.web.FinishedCall.Interval;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/** When the parts of a call began and ended, by {@link System#nanoTime}. Thread-safe. */
public final class CallTrace {
    private final long epochOffset = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
    private final long begun = System.nanoTime();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable Interval step;
    private volatile @Nullable Interval upstream;

    void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(CallTrace.class.getName(), this);
    }

    /** The exchange's trace; null if its call is not traced. */
    public static @Nullable CallTrace find(ServerWebExchange exchange) {
        return exchange.getAttribute(CallTrace.class.getName());
    }

    /** The step on the task's state ended. */
    public void step(long begunNanos, boolean failed) {
        step = until(begunNanos, System.nanoTime(), failed);
    }

    /** The call goes to the upstream, which counts as failed until its answer is there. */
    public void upstreamBegins() {
        long now = System.nanoTime();
        upstream = until(now, now, true);
    }

    /** The head of the upstream's answer is there. */
    public void upstreamAnswered(long begunNanos) {
        upstream = until(begunNanos, System.nanoTime(), false);
    }

    private Interval until(long from, long to, boolean failed) {
        return new Interval(from + epochOffset, to + epochOffset, failed);
    }

    /** Whether the call is over now; true once. */
    boolean end() {
        return over.compareAndSet(false, true);
    }

    Interval whole() {
        return until(begun, System.nanoTime(), false);
    }

    @Nullable Interval step() {
        return step;
    }

    /** The upstream's interval; it lasts until now if the upstream has not answered. */
    @Nullable Interval upstream() {
        Interval known = upstream;
        return known != null && known.failed()
                ? new Interval(known.fromNanos(), System.nanoTime() + epochOffset, true)
                : known;
    }
}
