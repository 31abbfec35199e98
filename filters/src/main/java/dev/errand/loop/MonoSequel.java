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
 * A step of a call and its {@link Sequel}, in one operator. Every call makes several such steps, and {@code flatMap},
 * {@code switchIfEmpty}, {@code onErrorResume}, {@code publishOn} and {@code doOnCancel} would each be a subscriber of its own
 * in each of them.
 */
public final class MonoSequel<T> extends Mono<Void> {
    private final Mono<T> step;
    private final Sequel<? super T> sequel;
    private final @Nullable Scheduler scheduler;
    private final boolean kept;

    private MonoSequel(Mono<T> step, Sequel<? super T> sequel, @Nullable Scheduler scheduler, boolean kept) {
        this.step = step;
        this.sequel = sequel;
        this.scheduler = scheduler;
        this.kept = kept;
    }

    /** What follows comes on the thread on which the step ends. */
    public static <T> Mono<Void> of(Mono<T> step, Sequel<? super T> sequel) {
        return onAssembly(new MonoSequel<>(step, sequel, null, false));
    }

    /** What follows, also a failure, comes on that scheduler. */
    public static <T> Mono<Void> on(Scheduler scheduler, Mono<T> step, Sequel<? super T> sequel) {
        return onAssembly(new MonoSequel<>(step, sequel, scheduler, false));
    }

    /** The step is not to be cancelled: it goes on to its end although the one who waits leaves. What follows it is. */
    public static <T> Mono<Void> kept(Mono<T> step, Sequel<? super T> sequel) {
        return onAssembly(new MonoSequel<>(step, sequel, null, true));
    }

    /** {@link #kept}, and what follows, also where nobody waits any more, comes on that scheduler. */
    public static <T> Mono<Void> keptOn(Scheduler scheduler, Mono<T> step, Sequel<? super T> sequel) {
        return onAssembly(new MonoSequel<>(step, sequel, scheduler, true));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Run<T> run = new Run<>(actual, sequel, scheduler, kept);
        actual.onSubscribe(run);
        step.subscribe(run);
    }

    private enum State {
        /** The step is under way. */
        STEP,
        /** The step has ended, and what follows it is under way. */
        SEQUEL,
        /** The step is under way, and nobody waits for it any more. */
        LEFT,
        /** Completed, failed or cancelled. */
        OVER
    }

    /** One subscription: to the step, and then to what follows it. */
    private static final class Run<T> implements CoreSubscriber<Object>, Subscription, Runnable {
        private final CoreSubscriber<? super Void> actual;
        private final Context context;
        private final Sequel<? super T> sequel;
        private final @Nullable Scheduler scheduler;
        private final boolean kept;
        private final AtomicReference<State> state = new AtomicReference<>(State.STEP);

        private volatile @Nullable Subscription upstream;

        // written before the step ends, read afterwards
        private @Nullable T value;
        private @Nullable Throwable error;

        Run(
                CoreSubscriber<? super Void> actual,
                Sequel<? super T> sequel,
                @Nullable Scheduler scheduler,
                boolean kept) {
            this.actual = actual;
            this.context = actual.currentContext();
            this.sequel = sequel;
            this.scheduler = scheduler;
            this.kept = kept;
        }

        @Override
        public Context currentContext() {
            return context;
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
        @SuppressWarnings("unchecked") // what follows a step emits nothing
        public void onNext(Object item) {
            value = (T) item;
        }

        @Override
        public void onComplete() {
            if (isStep()) {
                stepEnded();
            } else if (state.compareAndSet(State.SEQUEL, State.OVER)) {
                sequel.completed();
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
                Operators.onErrorDropped(failure, context);
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

        /** Goes on behind the step. */
        @Override
        public void run() {
            if (state.compareAndSet(State.STEP, State.SEQUEL)) {
                next().subscribe(this);
            } else if (state.compareAndSet(State.LEFT, State.OVER)) {
                try {
                    sequel.abandoned(value, error);
                } catch (RuntimeException bug) {
                    Operators.onErrorDropped(bug, context);
                }
            }
        }

        private Mono<Void> next() {
            Throwable failure = error;
            if (failure == null) {
                try {
                    return sequel.after(value);
                } catch (Throwable thrown) {
                    Exceptions.throwIfFatal(thrown);
                    failure = thrown;
                }
            }
            try {
                return sequel.failed(failure);
            } catch (Throwable thrown) {
                Exceptions.throwIfFatal(thrown);
                return Mono.error(thrown);
            }
        }

        @Override
        public void request(long n) {
            // Nothing is ever emitted, so there is nothing to ask for.
        }

        @Override
        public void cancel() {
            State was =
                    state.getAndUpdate(now -> kept && now == State.STEP || now == State.LEFT ? State.LEFT : State.OVER);
            if (was == State.SEQUEL || (was == State.STEP && !kept)) {
                Subscription running = upstream;
                if (running != null) {
                    running.cancel();
                }
                sequel.cancelled();
            }
        }
    }
}
