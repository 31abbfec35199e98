package dev.errand.issuer;

import dev.errand.policy.GoverningPolicies;
import dev.errand.token.VerifiedChain;
import reactor.core.publisher.Mono;

/** Finds what governs the task of a chain under the running revision. */
@FunctionalInterface
interface TaskLookup {
    /** The task and its policy, or why there is none. */
    Mono<GoverningPolicies.Found> of(VerifiedChain chain);
}
