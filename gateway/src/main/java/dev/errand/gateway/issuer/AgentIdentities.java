package dev.errand.gateway.issuer;

import dev.errand.identity.SpiffeId;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Tells which workload a credential belongs to, by the trust bundles of its own trust domain. Where the bundle cannot be had at
 * the moment each fails with a {@link TrustBundleAwayException}. Thread-safe.
 */
public interface AgentIdentities {
    /** The subject of a JWT-SVID whose audience is exactly the one given; empty if it does not verify. */
    Mono<Optional<SpiffeId>> ofAssertion(String jwtSvid, String audience);

    /** The ID of an X.509-SVID, leaf first, that TLS proved the caller to hold; empty if it does not verify. */
    Mono<Optional<SpiffeId>> ofCertificate(List<X509Certificate> chain);
}
