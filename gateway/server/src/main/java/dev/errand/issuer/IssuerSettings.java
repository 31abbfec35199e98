package dev.errand.issuer;

import java.time.Duration;

/**
 * What the operator configured of the issuer.
 *
 * @param issuer {@code errand.issuer}: an http or https URL without a trailing slash, query or fragment
 * @param maxLifetime {@code errand.trust.max-lifetime}: the longest that a root token may live
 * @param requestsPerSecond how many requests one agent may make, 1 or more
 * @param leeway the clock skew allowed for human tokens: a used one is remembered this long after its {@code exp}
 */
public record IssuerSettings(String issuer, Duration maxLifetime, int requestsPerSecond, Duration leeway) {
    public IssuerSettings {
        if (!issuer.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?") || issuer.endsWith("/")) {
            throw new IllegalArgumentException("errand.issuer must be a URL without trailing slash, was " + issuer);
        }
        if (maxLifetime.toSeconds() < 1) {
            throw new IllegalArgumentException("max-lifetime must be 1s or more, was " + maxLifetime);
        }
        if (requestsPerSecond < 1) {
            throw new IllegalArgumentException("requests per second must be 1 or more, was " + requestsPerSecond);
        }
    }

    /** The absolute URL of an endpoint's path, such as {@code /oauth2/token}: a proof's {@code htu} must name it. */
    public String url(String path) {
        return issuer + path;
    }
}
