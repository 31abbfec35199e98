package dev.errand.issuer.approval;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.issuer.approval.Requests.Found;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The requests of lists. Each request is looked up at most once in {@value #KEPT_SECONDS} seconds, however many lists have it; the ids
 * are read from the store for each list. A decision on this replica shows at once, one on another replica within that time.
 * Thread-safe, never blocking.
 */
final class ListedRequests {
    private static final int KEPT_SECONDS = 2;
    private static final int AT_ONCE = 16;

    private final Requests requests;
    private final AsyncCache<String, Optional<Found>> known = Caffeine.newBuilder()
            .maximumSize(RequestIndex.MOST)
            .expireAfterWrite(Duration.ofSeconds(KEPT_SECONDS))
            .executor(Runnable::run)
            .buildAsync();

    ListedRequests(Requests requests) {
        this.requests = requests;
    }

    /** The requests of these ids that still stand, in the order of the ids. One whose record cannot be read is left out. */
    Flux<Found> find(List<String> ids) {
        return Flux.fromIterable(ids)
                .flatMapSequential(
                        id -> Mono.fromFuture(
                                () -> known.get(
                                        id, (asked, executor) -> lookUp(asked).toFuture()),
                                true),
                        AT_ONCE)
                .flatMap(Mono::justOrEmpty);
    }

    private Mono<Optional<Found>> lookUp(String id) {
        return requests.find(id).onErrorReturn(StoreUnavailableException.class, Optional.empty());
    }

    /** Forgets a request, so that the next list looks it up again. */
    void forget(String id) {
        known.synchronous().invalidate(id);
    }
}
