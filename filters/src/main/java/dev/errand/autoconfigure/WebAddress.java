package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.source.HttpFetch;
import java.net.URI;
import java.util.function.Predicate;

/** An address on the web as a configuration names it. */
final class WebAddress {
    private WebAddress() {}

    /**
     * Reads one that may be named; a {@link ConfigurationException} for any other, which repeats no password.
     *
     * @param forms what is possible beside loopback, such as {@code https://…}
     */
    static URI parse(String key, String value, String forms) {
        return parse(key, value, HttpFetch::isAcceptable, forms + " or, on this machine only, http://127.0.0.1…");
    }

    /** As {@link #parse(String, String, String)}, for a server that may be spoken to without TLS, as an upstream may. */
    static URI parseServer(String key, String value) {
        return parse(key, value, WebAddress::isServer, "https://host[:port] or http://host[:port]");
    }

    private static URI parse(String key, String value, Predicate<URI> acceptable, String forms) {
        if (value.matches("(?s)[^/]*//[^/]*@.*")) {
            throw ConfigurationException.of(key + ": the address holds a user or password: take it out");
        }
        try {
            URI url = URI.create(value);
            if (acceptable.test(url)) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw unacceptable(key, value, forms);
        }
        throw unacceptable(key, value, forms);
    }

    private static boolean isServer(URI url) {
        boolean web = "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
        return web && url.getHost() != null && url.getRawQuery() == null && url.getRawFragment() == null;
    }

    private static ConfigurationException unacceptable(String key, String value, String forms) {
        return ConfigurationException.of(key + ": '" + value + "' must be " + forms);
    }
}
