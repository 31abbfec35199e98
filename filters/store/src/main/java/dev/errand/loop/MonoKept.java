package dev.errand.loop;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * A step that is not cancelled, and the {@link FollowUp} that follows it. If the subscriber leaves, the step still runs
 * to its end, and the sequel gets the step's result. The Mono of the sequel can be cancelled as usual. No operator of
 * Reactor gives the result of a step whose subscriber has left, and the operators that let such a step continue take
 * three times as long.
 */
public final class MonoKept<T> extends Mono<Void> {
    private final Mono<T> step;
    private final FollowUp<? super T> sequel;
    private final @Nullable Scheduler scheduler;

    private MonoKept(Mono<T> step, FollowUp<? super T> sequel, @Nullable Scheduler scheduler) {
        this.step = step;
        this.sequel = sequel;
        this.scheduler = scheduler;
    }

    /** Runs the sequel on the thread on which the step ends. */
    public static <T> Mono<Void> of(Mono<T> step, FollowUp<? super T> sequel) {
        return onAssembly(new MonoKept<>(step, sequel, null));
    }

    /** Runs the sequel on that scheduler, even if the step failed or its subscriber left. */
    public static <T> Mono<Void> on(Scheduler scheduler, Mono<T> step, FollowUp<? super T> sequel) {
        return onAssembly(new MonoKept<>(step, sequel, scheduler));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Run<T> run = new Run<>(actual, sequel, scheduler);
        actual.onSubscribe(run);
        step.subscribe(run);
    }

    private enum State {
        /** The step is under way. */
        STEP,
        /** The step has ended, and the sequel's Mono is under way. */
        SEQUEL,
        /** The step is under way, and its subscriber has left. */
        LEFT,
        /** Completed, failed or cancelled. */
        OVER
    }

    /** One subscription: to the step, and then to the sequel's Mono. */
    private static final class Run<T> implements CoreSubscriber<Object>, Subscription, Runnable {
        private final CoreSubscriber<? super Void> actual;
        private final FollowUp<? super T> sequel;
        private final @Nullable Scheduler scheduler;
        private final AtomicReference<State> state = new AtomicReference<>(State.STEP);
        private volatile @Nullable Subscription upstream;

        // written before the step ends, read afterwards
        private @Nullable T value;
        private @Nullable Throwable error;

        Run(CoreSubscriber<? super Void> actual, FollowUp<? super T> sequel, @Nullable Scheduler scheduler) {
            this.actual = actual;
            this.sequel = sequel;
            this.scheduler = scheduler;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            if (state.get() == State.OVER) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        @SuppressWarnings("unchecked") // the sequel's Mono emits nothing
        public void onNext(Object item) {
            value = (T) item;
        }

        @Override
        public void onComplete() {
            if (isStep()) {
                stepEnded();
            } else if (state.compareAndSet(State.SEQUEL, State.OVER)) {
                actual.onComplete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (isStep()) {
                error = failure;
                stepEnded();
            } else if (state.compareAndSet(State.SEQUEL, State.OVER)) {
                actual.onError(failure);
            } else {
                Operators.onErrorDropped(failure, currentContext());
            }
        }

        private boolean isStep() {
            State now = state.get();
            return now == State.STEP || now == State.LEFT;
        }

        private void stepEnded() {
            if (scheduler == null) {
                run();
                return;
            }
            try {
                scheduler.schedule(this);
            } catch (RejectedExecutionException stopped) {
                error = stopped;
                run();
            }
        }

        /** Continues after the step: with the sequel's Mono, or with {@link FollowUp#abandoned}. */
        @Override
        public void run() {
            if (state.compareAndSet(State.STEP, State.SEQUEL)) {
                next().subscribe(this);
            } else if (state.compareAndSet(State.LEFT, State.OVER)) {
                try {
                    sequel.abandoned(value, error);
                } catch (RuntimeException bug) {
                    Operators.onErrorDropped(bug, currentContext());
                }
            }
        }

        private Mono<Void> next() {
            Throwable failure = error;
            try {
                return failure == null ? sequel.after(value) : sequel.failed(failure);
            } catch (Throwable thrown) {
                Exceptions.throwIfFatal(thrown);
                return failure == null ? failed(thrown) : Mono.error(thrown);
            }
        }

        private Mono<Void> failed(Throwable thrown) {
            try {
                return sequel.failed(thrown);
            } catch (Throwable again) {
                Exceptions.throwIfFatal(again);
                return Mono.error(again);
            }
        }

        @Override
        public void request(long n) {
            // Nothing is ever emitted, so the demand does not matter.
        }

        @Override
        public void cancel() {
            State was = state.getAndUpdate(now -> now == State.STEP || now == State.LEFT ? State.LEFT : State.OVER);
            Subscription running = upstream;
            if (was == State.SEQUEL && running != null) {
                running.cancel();
            }
        }
    }
}
