package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.net.URI;

/** The identifier of an issuer, as tokens and metadata have it (RFC 8414 section 2; OpenID Connect Discovery section 3). */
final class IssuerName {
    private IssuerName() {}

    /**
     * Checks an identifier: an address on the web with a host, without query, fragment or final slash.
     *
     * @throws ConfigurationException if it is none; the message repeats the value
     */
    public static void check(String issuer) {
        if (!isIssuer(issuer)) {
            throw ConfigurationException.of("'" + issuer
                    + "' is not the name of an issuer: write https://host[:port][/path], without query, fragment or"
                    + " final slash");
        }
    }

    private static boolean isIssuer(String issuer) {
        try {
            URI uri = URI.create(issuer);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            boolean bare = uri.getQuery() == null && uri.getFragment() == null && !issuer.endsWith("/");
            return web && bare && uri.getAuthority() != null;
        } catch (IllegalArgumentException told) {
            return false;
        }
    }
}
