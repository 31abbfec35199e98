package dev.errand.trust;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A document that is fetched. Nimbus's own key sources are not used: they block a thread during a fetch, and an event
 * loop must not block. There is one fetch at a time, which all callers share; none within the cool-down after the last,
 * and none while the breaker is open. After a failed fetch the last revision is used until it is too old. Thread-safe.
 */
public final class RemoteDocument<T> implements LiveDocument<T> {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final String name;
    private final Supplier<Mono<T>> fetch;
    private final Function<T, Duration> refreshAfter;
    private final BinaryOperator<T> newer;
    private final RefreshPolicy policy;
    private final LongSupplier clockMillis;
    private final CircuitBreaker breaker;
    private final AtomicReference<@Nullable Mono<T>> flight = new AtomicReference<>();
    private final Disposable.Swap background = Disposables.swap();
    private volatile @Nullable Revision<T> latest;
    private volatile @Nullable Long lastAttemptMillis;
    private volatile @Nullable String fault;

    private record Revision<T>(T value, long fetchedAtMillis) {}

    /**
     * @param name the document's name for health, without a credential
     * @param fetch one fetch, bounded in size and time
     * @param refreshAfter how old a revision may become before it is fetched again
     * @param newer chooses between the held revision and the fetched one
     * @param clockMillis a clock that never goes back
     */
    public RemoteDocument(
            String name,
            Supplier<Mono<T>> fetch,
            Function<T, Duration> refreshAfter,
            BinaryOperator<T> newer,
            RefreshPolicy policy,
            LongSupplier clockMillis) {
        this.name = name;
        this.fetch = fetch;
        this.refreshAfter = refreshAfter;
        this.newer = newer;
        this.policy = policy;
        this.clockMillis = clockMillis;
        this.breaker = CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(4)
                        .minimumNumberOfCalls(4)
                        .failureRateThreshold(100)
                        .waitDurationInOpenState(policy.breakerOpen())
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .clock(new MillisClock(clockMillis))
                        .currentTimestampFunction(clock -> clock.millis(), TimeUnit.MILLISECONDS)
                        .build());
    }

    /** A document that is refreshed only by the policy. */
    public static <T> RemoteDocument<T> of(
            String name, Supplier<Mono<byte[]>> fetch, Parser<T> parser, RefreshPolicy policy) {
        return new RemoteDocument<>(
                name,
                () -> fetch.get().flatMap(bytes -> parsed(bytes, parser)),
                value -> policy.refreshAfter(),
                (held, fetched) -> fetched,
                policy,
                () -> System.nanoTime() / 1_000_000);
    }

    /** Starts to refresh the document in the background; the first fetch begins at once. */
    public RemoteDocument<T> start() {
        background.update(Flux.interval(Duration.ZERO, TICK)
                .onBackpressureDrop()
                .concatMap(tick -> get().then().onErrorComplete(), 1)
                .subscribe());
        return this;
    }

    /** Parses the bytes; the parser's exception is the error. */
    public static <T> Mono<T> parsed(byte[] bytes, Parser<T> parser) {
        try {
            return Mono.just(parser.parse(bytes));
        } catch (MalformedDocumentException e) {
            return Mono.error(e);
        }
    }

    @Override
    public @Nullable T current() {
        Revision<T> revision = latest;
        return revision != null && age(revision) <= policy.staleAfter().toMillis() ? revision.value() : null;
    }

    @Override
    public Mono<T> get() {
        return Mono.defer(() -> {
            Revision<T> revision = latest;
            if (revision == null || age(revision) > policy.staleAfter().toMillis()) {
                return refresh();
            }
            if (age(revision) > refreshAfter.apply(revision.value()).toMillis()) {
                // Callers need not wait for this fetch, and do not end it when they cancel.
                refresh().subscribe(value -> {}, error -> {});
            }
            return Mono.just(revision.value());
        });
    }

    @Override
    public Mono<T> refresh() {
        return Mono.defer(() -> {
            Mono<T> running = flight.get();
            if (running != null) {
                return running;
            }
            Long last = lastAttemptMillis;
            if (last != null
                    && clockMillis.getAsLong() - last < policy.coolDown().toMillis()) {
                return held();
            }
            Mono<T> started = fetchOnce().cache();
            if (flight.compareAndSet(null, started)) {
                return started;
            }
            Mono<T> other = flight.get();
            return other != null ? other : held();
        });
    }

    @Override
    public @Nullable String fault() {
        return fault;
    }

    @Override
    public void close() {
        background.dispose();
    }

    private Mono<T> fetchOnce() {
        return Mono.defer(() -> {
                    lastAttemptMillis = clockMillis.getAsLong();
                    return fetch.get();
                })
                .switchIfEmpty(Mono.error(() -> new MalformedDocumentException("the answer is empty")))
                .transformDeferred(CircuitBreakerOperator.of(breaker))
                .map(this::hold)
                .onErrorResume(error -> {
                    fault = name + ": " + describe(error);
                    return held();
                })
                .doOnTerminate(() -> flight.set(null));
    }

    private T hold(T fetched) {
        Revision<T> before = latest;
        T value = before == null ? fetched : newer.apply(before.value(), fetched);
        latest = new Revision<>(value, clockMillis.getAsLong());
        fault = null;
        return value;
    }

    private Mono<T> held() {
        T value = current();
        return value != null
                ? Mono.just(value)
                : Mono.error(() -> new UnavailableException(name + " has no revision young enough"));
    }

    private long age(Revision<T> revision) {
        return clockMillis.getAsLong() - revision.fetchedAtMillis();
    }

    private static String describe(Throwable error) {
        if (error instanceof CallNotPermittedException) {
            return "left alone for a while after repeated failures";
        }
        return error instanceof MalformedDocumentException
                ? String.valueOf(error.getMessage())
                : "cannot be fetched (" + error.getClass().getSimpleName() + ")";
    }
}
