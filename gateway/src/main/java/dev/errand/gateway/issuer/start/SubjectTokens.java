package dev.errand.gateway.issuer.start;

import dev.errand.gateway.issuer.Outcome;
import reactor.core.publisher.Mono;

/** Verifies the tokens of humans by the identity providers that the operator trusts. Thread-safe, never blocking. */
public interface SubjectTokens {
    /**
     * The token's content; {@code invalid_request} if it does not verify, is expired, or is typed as one of another kind
     * (RFC 8693 section 2.2.2), {@code temporarily_unavailable} if its issuer's keys cannot be had.
     */
    Mono<Outcome<SubjectToken>> verify(String jwt);
}
