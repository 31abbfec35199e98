package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.source.HttpFetch;
import java.net.URI;

/** An address on the web as a configuration names it. */
final class WebAddress {
    private WebAddress() {}

    /**
     * Reads one that may be named; a {@link ConfigurationException} for any other, which repeats no password.
     *
     * @param forms what is possible beside loopback, such as {@code https://…}
     */
    static URI parse(String key, String value, String forms) {
        if (value.matches("(?s)[^/]*//[^/]*@.*")) {
            throw ConfigurationException.of(key + ": the address holds a user or password: take it out");
        }
        try {
            URI url = URI.create(value);
            if (HttpFetch.isAcceptable(url)) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw unacceptable(key, value, forms);
        }
        throw unacceptable(key, value, forms);
    }

    private static ConfigurationException unacceptable(String key, String value, String forms) {
        return ConfigurationException.of(
                key + ": '" + value + "' must be " + forms + " or, on this machine only, http://127.0.0.1…");
    }
}
