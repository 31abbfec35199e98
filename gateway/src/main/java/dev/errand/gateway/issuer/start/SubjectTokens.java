package dev.errand.gateway.issuer.start;

import java.util.Optional;
import reactor.core.publisher.Mono;

/** Verifies the tokens of humans by the identity providers that the operator trusts. Thread-safe, never blocking. */
public interface SubjectTokens {
    /** The token's content; empty if it does not verify, is expired, or is typed as one of another kind. */
    Mono<Optional<SubjectToken>> verify(String jwt);
}
