package dev.errand.issuer.approval;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ApprovalRequest.State;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The requests that wait for a human, for operators to see. An operator cannot decide them: a human does, with a token of their own.
 * Thread-safe, never blocking; fails with {@link StoreUnavailableException}.
 */
public final class StandingApprovals {
    /** How many are shown at most: those that end first. */
    private static final int MOST = 100;

    private static final int AT_ONCE = 16;

    private final Requests requests;
    private final RequestIndex index;
    private final ApprovalJson json;

    StandingApprovals(Requests requests, RequestIndex index, ApprovalJson json) {
        this.requests = requests;
        this.index = index;
        this.json = json;
    }

    /** {@code {"approvals": […]}}, sorted by their ends, the earliest first. */
    public Mono<JsonObject> all() {
        return index.standing()
                .flatMapMany(Flux::fromIterable)
                .take(MOST)
                // A request whose record cannot be read is left out, and does not hide the others.
                .flatMapSequential(
                        id -> requests.find(id).onErrorReturn(StoreUnavailableException.class, Optional.empty()),
                        AT_ONCE)
                .flatMap(Mono::justOrEmpty)
                .filter(found -> found.request().state() == State.PENDING)
                .collectList()
                .map(json::listed);
    }
}
