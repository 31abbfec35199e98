package dev.errand.gateway.issuer.approval;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.approval.ApprovalRequest.State;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The requests that wait for a human, for operators to see. An operator decides none of them: a human does, by a token of their own.
 * Thread-safe, never blocking; fails with {@link StoreUnavailableException}.
 */
public final class StandingApprovals {
    /** The most that are shown: those that end first. */
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

    /** {@code {"approvals": […]}}, those that end first at the front. */
    public Mono<JsonObject> all() {
        return index.standing()
                .flatMapMany(Flux::fromIterable)
                .take(MOST)
                // One record that cannot be read hides no other.
                .flatMapSequential(
                        id -> requests.find(id).onErrorReturn(StoreUnavailableException.class, Optional.empty()),
                        AT_ONCE)
                .flatMap(Mono::justOrEmpty)
                .filter(found -> found.request().state() == State.PENDING)
                .collectList()
                .map(json::listed);
    }
}
