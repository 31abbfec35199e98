package dev.errand.issuer;

import dev.errand.trust.SvidResult;
import java.security.cert.X509Certificate;
import java.util.List;
import reactor.core.publisher.Mono;

/** Tells which workload a credential belongs to, by the trust bundles of its own trust domain. Thread-safe. */
interface AgentIdentities {
    /** Verifies a JWT-SVID, whose only audience must be the given one. */
    Mono<SvidResult> ofAssertion(String jwtSvid, String audience);

    /** Verifies an X.509-SVID, leaf first, whose key the caller proved to hold by TLS. */
    Mono<SvidResult> ofCertificate(List<X509Certificate> chain);
}
