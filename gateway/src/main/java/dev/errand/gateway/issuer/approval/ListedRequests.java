package dev.errand.gateway.issuer.approval;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.gateway.issuer.approval.Requests.Found;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The requests of a list, each looked up at most once in {@value #KEPT_SECONDS} seconds, whoever lists and however often. Which requests
 * there are, each list asks the store anew. What was decided on this replica shows at once, what was decided on another one within that
 * time. Thread-safe, never blocking.
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

    /** Those of the ids that stand, in their order. One whose record cannot be read hides no other. */
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

    /** The next list looks it up again. */
    void forget(String id) {
        known.synchronous().invalidate(id);
    }
}
