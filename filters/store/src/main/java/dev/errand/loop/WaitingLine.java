package dev.errand.loop;

import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Scheduler;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import reactor.netty.internal.shaded.reactor.pool.PoolShutdownException;
import reactor.util.retry.Retry;

/**
 * Calls that wait for a connection of any of several pools, first come, first served. When a connection is given back
 * to a pool, the first call tries that pool, then the others. If it finds no connection, it is first in the line again.
 * Thread-safe, except for {@link #entered} and {@link #left}.
 *
 * @param <P> the pools
 */
final class WaitingLine<P> {
    private final Duration patience;
    private final NavigableMap<Long, Waiter> line = new ConcurrentSkipListMap<>();
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLong givenBack = new AtomicLong();
    private volatile boolean closed;
    private int users;

    /**
     * @param patience how long a call waits at most before {@link PoolAcquireTimeoutException}; without bound if zero
     *     or less
     */
    WaitingLine(Duration patience) {
        this.patience = patience;
    }

    /** Counts one more call that uses the line. */
    WaitingLine<P> entered() {
        users++;
        return this;
    }

    /** Counts one call less. Returns null if it was the last, so that the line can be removed. */
    @Nullable WaitingLine<P> left() {
        users--;
        return users == 0 ? null : this;
    }

    /**
     * The result of the first attempt that does not fail with {@link PoolAcquirePendingLimitException}, which means
     * that a pool has no connection.
     *
     * @param attempt takes the pool to try first, or null
     * @param on the scheduler of the attempts
     */
    <T> Mono<T> inTurn(Function<@Nullable P, Mono<T>> attempt, Scheduler on) {
        return Mono.defer(() -> {
            Waiter waiter = new Waiter();
            return Mono.defer(waiter::turn)
                    .publishOn(on)
                    .flatMap(woken -> waiter.attempt(attempt))
                    .retryWhen(Retry.indefinitely().filter(PoolAcquirePendingLimitException.class::isInstance))
                    .doFinally(this::pass);
        });
    }

    /**
     * Wakes the next call if this call leaves without a connection. This call may have been woken for a connection, or may
     * have left a place free.
     */
    private void pass(SignalType end) {
        if (end != SignalType.ON_COMPLETE) {
            wakeFirst(null);
        }
    }

    /** A connection of that pool was given back, or a place in it is free: wakes the first call. */
    void givenBack(@Nullable P pool) {
        givenBack.incrementAndGet();
        wakeFirst(pool);
    }

    private void wakeFirst(@Nullable P pool) {
        Map.Entry<Long, Waiter> first = line.pollFirstEntry();
        if (first != null) {
            first.getValue().wake(pool);
        }
    }

    /** Ends the line: calls that wait now or later fail, since there will be no more connections. */
    void close() {
        closed = true;
        for (var first = line.pollFirstEntry(); first != null; first = line.pollFirstEntry()) {
            first.getValue().fail(new PoolShutdownException());
        }
    }

    /** A call that waits. Its fields are changed by one thread at a time. */
    private final class Waiter {
        private final long sinceNanos = System.nanoTime();
        private final Long ticket = tickets.getAndIncrement();

        /**
         * The value of {@code givenBack} when the last attempt began. That attempt may have missed anything given back
         * later.
         */
        private long seen = -1;

        private @Nullable MonoSink<Boolean> place;
        private @Nullable P pool;

        /** Completes when the call may try. */
        Mono<Boolean> turn() {
            Mono<Boolean> turn = Mono.create(this::lineUp);
            return patience.isNegative() || patience.isZero() ? turn : turn.timeout(left(), tooLong());
        }

        private Duration left() {
            Duration left = patience.minusNanos(System.nanoTime() - sinceNanos);
            return left.isNegative() ? Duration.ZERO : left;
        }

        private Mono<Boolean> tooLong() {
            return Mono.error(() -> new PoolAcquireTimeoutException(patience));
        }

        private void lineUp(MonoSink<Boolean> sink) {
            long before = seen;
            place = sink;
            sink.onCancel(() -> line.remove(ticket));
            line.put(ticket, this);
            if (closed) {
                close();
            } else if (givenBack.get() != before) {
                wakeFirst(null);
            }
        }

        void wake(@Nullable P given) {
            pool = given;
            sink().success(true);
        }

        void fail(Exception why) {
            sink().error(why);
        }

        private MonoSink<Boolean> sink() {
            return Objects.requireNonNull(place, "in the line without a place");
        }

        <T> Mono<T> attempt(Function<@Nullable P, Mono<T>> attempt) {
            P first = pool;
            seen = givenBack.get();
            return attempt.apply(first);
        }
    }
}
