package dev.errand.autoconfigure.check;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.source.HttpFetch;
import java.net.URI;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address on the web as a configuration names it. */
public final class WebAddress {
    private static final Pattern USER = Pattern.compile("(?s)[^/]*//[^/]*@.*");
    /** A name may have what a URI's host must not, as {@code my_vault}. */
    private static final Pattern SERVER = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

    private static final int MAX_PORT = 65_535;

    private WebAddress() {}

    /**
     * Reads one that may be named; a {@link ConfigurationException} for any other, which repeats no password.
     *
     * @param forms what is possible beside loopback, such as {@code https://…}
     */
    public static URI parse(String key, String value, String forms) {
        return parse(key, value, HttpFetch::isAcceptable, forms + " or, on this machine only, http://127.0.0.1…");
    }

    /**
     * As {@link #parse(String, String, String)}, for a server under which paths are called; it may be spoken to without TLS, as
     * an upstream may.
     */
    public static URI parseServer(String key, String value) {
        return parse(key, value, WebAddress::isServer, "https://host[:port][/path] or http://host[:port][/path]");
    }

    private static URI parse(String key, String value, Predicate<URI> acceptable, String forms) {
        if (USER.matcher(value).matches()) {
            throw holdsUser(key);
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
        if (!web || url.getRawAuthority() == null || url.getRawQuery() != null || url.getRawFragment() != null) {
            return false;
        }
        Matcher server = SERVER.matcher(url.getRawAuthority());
        if (!server.matches() || mayHoldUser(url.toString())) {
            return false;
        }
        int port = server.group(1) == null ? MAX_PORT : Integer.parseInt(server.group(1));
        return port > 0 && port <= MAX_PORT;
    }

    /** Shows the address, unless a password may be in it. In an unreadable address a password may be anywhere. */
    private static ConfigurationException unacceptable(String key, String value, String forms) {
        if (mayHoldUser(value)) {
            return holdsUser(key);
        }
        String shown = value.replaceFirst("(?s)([?#]).*", "$1…");
        return ConfigurationException.of(key + ": '" + shown + "' must be " + forms);
    }

    private static boolean mayHoldUser(String value) {
        return value.contains("@") || value.contains("%40");
    }

    private static ConfigurationException holdsUser(String key) {
        return ConfigurationException.of(key + ": the address holds a user or password: take it out");
    }
}
