package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.trust.HttpFetch;
import java.net.URI;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A web address in a configuration. */
public final class WebAddress {
    private static final Pattern USER = Pattern.compile("(?s)[^/]*//[^/]*@.*");
    /** A server's name may have characters that the host of a URI must not have, such as {@code my_vault}. */
    private static final Pattern SERVER = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

    private static final int MAX_PORT = 65_535;

    private WebAddress() {}

    /**
     * Parses an address. Throws a {@link ConfigurationException}, which never quotes a password, for an address that is
     * not allowed.
     *
     * @param forms the allowed forms beside loopback, such as {@code https://…}
     */
    public static URI parse(String key, String value, String forms) {
        return parse(key, value, HttpFetch::isAcceptable, forms + " or, on this machine only, http://127.0.0.1…");
    }

    /**
     * Parses the address of a server with an optional path. Unlike {@link #parse(String, String, String)}, it allows
     * {@code http} to any host, as for upstreams.
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

    /**
     * The fault. It quotes the address, unless a password may be in it; in an unreadable address a password may be
     * anywhere.
     */
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
