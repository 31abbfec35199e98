package dev.errand.issuer;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Looks regularly at the tasks that agents asked for, and records those whose time is over. */
final class ExpiredAsks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiredAsks.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Disposable looking;

    /** @param asking whether agents may ask at all */
    ExpiredAsks(AskedTasks asked, boolean asking) {
        this.looking = (asking ? Flux.interval(EVERY) : Flux.<Long>never())
                .onBackpressureDrop()
                .concatMap(tick -> asked.expire().onErrorResume(failed -> {
                    LOG.debug("the requests for tasks cannot be looked at: {}", failed.getMessage());
                    return Mono.empty();
                }))
                .subscribe();
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
