package dev.errand.gateway.issuer;

import dev.errand.jose.spiffe.SvidResult;
import java.security.cert.X509Certificate;
import java.util.List;
import reactor.core.publisher.Mono;

/** Tells which workload a credential belongs to, by the trust bundles of its own trust domain. Thread-safe. */
public interface AgentIdentities {
    /** What comes of a JWT-SVID whose audience must be exactly the one given. */
    Mono<SvidResult> ofAssertion(String jwtSvid, String audience);

    /** What comes of an X.509-SVID, leaf first, that TLS proved the caller to hold. */
    Mono<SvidResult> ofCertificate(List<X509Certificate> chain);
}
