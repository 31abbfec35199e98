package dev.errand.trust;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * Verifies SVIDs of the configured trust domains, each with the current bundle of its own domain. An SVID that lives
 * longer than the policy allows is refused. Thread-safe; never blocks.
 */
public final class SvidVerifier {
    private final JwtSvidVerifier jwt;
    private final X509SvidVerifier x509;

    /**
     * @param maxLifetime the longest remaining lifetime of an SVID ({@code exp - now})
     * @param skew how far the issuers' clocks may differ from ours
     */
    public SvidVerifier(TrustBundles bundles, Duration maxLifetime, Duration skew) {
        if (maxLifetime.toMillis() < 1 || skew.isNegative()) {
            throw new IllegalArgumentException("max-lifetime must be positive and the skew not negative");
        }
        this.jwt = new JwtSvidVerifier(bundles, maxLifetime.toMillis(), skew.toMillis());
        this.x509 = new X509SvidVerifier(bundles, maxLifetime.toMillis(), skew.toMillis());
    }

    /** Verifies a JWT-SVID at this time, epoch milliseconds. Its only audience must be the given one. */
    public SvidResult verifyJwt(String token, String audience, long nowMillis) {
        return jwt.verify(token, audience, nowMillis);
    }

    /**
     * Verifies an X.509-SVID, leaf first, at this time, epoch milliseconds. The TLS handshake has proved possession of
     * its key.
     */
    public SvidResult verifyX509(List<X509Certificate> chain, long nowMillis) {
        return x509.verify(chain, nowMillis);
    }
}
