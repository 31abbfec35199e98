package dev.errand.issuer;

import dev.errand.token.KeyThumbprint;
import reactor.core.publisher.Mono;

/** Verifies the tokens of humans by the identity providers that the operator trusts. Thread-safe, never blocking. */
interface SubjectTokens {
    /**
     * The token's content; {@code invalid_request} if it does not verify, is expired, may not start tasks according to its
     * issuer's entry, or is bound to another key than the proof's (RFC 8693 section 2.2.2);
     * {@code temporarily_unavailable} if its issuer's keys are not available.
     *
     * @param prover the key of the start's DPoP proof
     */
    Mono<Outcome<SubjectToken>> verify(String jwt, KeyThumbprint prover);
}
