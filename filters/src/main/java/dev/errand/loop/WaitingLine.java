package dev.errand.loop;

import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import reactor.util.retry.Retry;

/**
 * Calls that wait for a connection to one upstream, of whichever pool: first come, first served, but behind calls that find
 * one as they come. A connection given back lets the first try again; who then finds none is first again. Thread-safe.
 */
final class WaitingLine {
    private final int most;
    private final Duration patience;
    private final Deque<MonoSink<Boolean>> line = new ConcurrentLinkedDeque<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong givenBack = new AtomicLong();

    /**
     * @param most how many wait at most; one more has {@link PoolAcquirePendingLimitException}
     * @param patience how long each waits at most; then it has {@link PoolAcquireTimeoutException}. Without bound if zero or
     *     less
     */
    WaitingLine(int most, Duration patience) {
        this.most = most;
        this.patience = patience;
    }

    /**
     * What the attempt gives, as soon as it does not end in {@link PoolAcquirePendingLimitException}, by which a pool says that
     * it has none.
     *
     * @param on where an attempt is made once it is the call's turn
     */
    <T> Mono<T> inTurn(Mono<T> attempt, Scheduler on) {
        return Mono.defer(() -> {
            if (waiting.incrementAndGet() > most) {
                waiting.decrementAndGet();
                return Mono.error(new PoolAcquirePendingLimitException(most));
            }
            Waiter waiter = new Waiter(System.nanoTime());
            return Mono.defer(() -> {
                        waiter.seen = givenBack.get();
                        return attempt;
                    })
                    .retryWhen(Retry.from(
                            failures -> failures.concatMap(failure -> waiter.turn(failure.failure(), on), 1)))
                    .doFinally(end -> waiting.decrementAndGet());
        });
    }

    /** A call that waits. What it knows is changed by one thread after the other. */
    private final class Waiter {
        private final long since;

        /** How often a connection had been given back as the last attempt began: of a later one it may have seen nothing. */
        private long seen;

        private boolean tried;

        Waiter(long since) {
            this.since = since;
        }

        /** The moment at which the call is let try again after that failure. */
        private Mono<Boolean> turn(Throwable failure, Scheduler on) {
            if (!(failure instanceof PoolAcquirePendingLimitException)) {
                return Mono.error(failure);
            }
            Mono<Boolean> turn = Mono.create(this::lineUp);
            return (patience.isNegative() || patience.isZero() ? turn : turn.timeout(left(), tooLong())).publishOn(on);
        }

        private Duration left() {
            Duration left = patience.minusNanos(System.nanoTime() - since);
            return left.isNegative() ? Duration.ZERO : left;
        }

        private Mono<Boolean> tooLong() {
            return Mono.error(() -> new PoolAcquireTimeoutException(patience));
        }

        private void lineUp(MonoSink<Boolean> place) {
            place.onCancel(() -> {
                if (!line.remove(place)) {
                    wakeFirst(); // who was woken in the moment of leaving passes it on
                }
            });
            if (tried) {
                line.addFirst(place);
            } else {
                line.addLast(place);
                tried = true;
            }
            if (givenBack.get() != seen) {
                wakeFirst();
            }
        }
    }

    /** A connection can be had, or opened, that was in use until now. */
    void givenBack() {
        givenBack.incrementAndGet();
        wakeFirst();
    }

    private void wakeFirst() {
        MonoSink<Boolean> first = line.pollFirst();
        if (first != null) {
            first.success(true);
        }
    }
}
