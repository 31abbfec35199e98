package dev.errand.state;

import java.time.Duration;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Work that a replica does again and again. A failure never ends it. An absent store is told elsewhere; any other failure is told
 * once, until the work succeeds again.
 */
public final class RegularWork {
    private static final Logger LOG = LoggerFactory.getLogger(RegularWork.class);

    private final String fault;
    private final Supplier<? extends Publisher<?>> work;
    private boolean told;

    private RegularWork(String fault, Supplier<? extends Publisher<?>> work) {
        this.fault = fault;
        this.work = work;
    }

    /**
     * Does the work after each period, until disposed. It is done once at a time: what falls due meanwhile is left out.
     *
     * @param fault what is told if it fails, without its cause
     */
    public static Disposable every(Duration period, String fault, Supplier<? extends Publisher<?>> work) {
        return every(period, period, fault, work);
    }

    /** @param first the time until it is done for the first time */
    public static Disposable every(
            Duration first, Duration period, String fault, Supplier<? extends Publisher<?>> work) {
        RegularWork regular = new RegularWork(fault, work);
        return Flux.interval(first, period)
                .onBackpressureDrop()
                .concatMap(tick -> regular.once(), 1)
                .subscribe();
    }

    private Mono<Void> once() {
        return Mono.defer(() -> Flux.from(work.get()).then())
                .then(Mono.<Void>fromRunnable(() -> told = false))
                .onErrorResume(failed -> {
                    if (!(failed instanceof StoreUnavailableException) && !told) {
                        told = true;
                        LOG.warn("{}: {}", fault, failed.toString());
                    }
                    return Mono.empty();
                });
    }
}
