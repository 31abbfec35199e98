package dev.errand.issuer;

import dev.errand.web.Caller;
import reactor.core.publisher.Mono;

/** Requests for approval, as the agent sees them whose call waits. Thread-safe, never blocking. */
public interface AwaitedApprovals {
    /** The state of a request that has ended, that never was, or that is no business of the caller's. */
    String ENDED = "ended";

    /**
     * The state of a request: {@code pending, approved, refused, used} or {@code ended}. While it is pending, the answer comes when
     * that changes, or after 25 seconds. If too many already wait, the answer comes at once. Fails with
     * {@link dev.errand.state.StoreUnavailableException}.
     *
     * @param id the request's id, as it was sent
     */
    Mono<String> state(Caller caller, String id);
}
