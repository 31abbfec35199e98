package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.Target;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites addresses in the upstream's answer so that a client that follows them comes back through the gateway. The
 * upstream's scheme and authority are dropped, and the prefix that the route stripped is put back. Addresses of other
 * hosts are left alone.
 */
final class UpstreamLinks {
    private static final Pattern LINK_TARGET = Pattern.compile("<([^>]*)>");
    private static final Pattern ILLEGAL = Pattern.compile("[^!#-;=?-\\[\\]_a-z~]+|%(?![0-9A-Fa-f]{2})");

    private UpstreamLinks() {}

    /** One {@code Location}. */
    static String location(String value, Call.Granted call) {
        URI uri;
        try {
            uri = URI.create(spelled(value));
        } catch (IllegalArgumentException malformed) {
            return value;
        }
        URI target = call.target();
        if (uri.isOpaque() || (uri.getRawAuthority() == null && !value.startsWith("/"))) {
            return value;
        }
        if (uri.getRawAuthority() != null
                && !Target.authority(withScheme(uri, target)).equals(Target.authority(target))) {
            return value;
        }
        StringBuilder out = new StringBuilder(path(uri.getRawPath(), call));
        if (uri.getRawQuery() != null) {
            out.append('?').append(uri.getRawQuery());
        }
        if (uri.getRawFragment() != null) {
            out.append('#').append(uri.getRawFragment());
        }
        return out.isEmpty() ? "/" : out.toString();
    }

    /**
     * The address with the characters that no URI may hold percent-encoded, as clients that follow it encode them.
     * Without this, such an address could not be parsed here, and would lead the client past the gateway.
     */
    private static String spelled(String value) {
        return ILLEGAL.matcher(value).replaceAll(match -> Matcher.quoteReplacement(encoded(match.group())));
    }

    private static String encoded(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(String.format("%%%02X", b & 0xff));
        }
        return out.toString();
    }

    /** A {@code Link} field: each target as {@link #location}. */
    static String link(String value, Call.Granted call) {
        return LINK_TARGET
                .matcher(value)
                .replaceAll(match -> Matcher.quoteReplacement("<" + location(match.group(1), call) + ">"));
    }

    private static URI withScheme(URI uri, URI target) {
        return uri.getScheme() != null ? uri : URI.create(target.getScheme() + ":" + uri);
    }

    /**
     * The path by which the client reaches the upstream's path. A prefix that the route stripped is put back ({@code /vault}
     * of {@code /vault/v1/x} sent as {@code /v1/x}), and a prefix that the route added is taken away. Both are found by the
     * client's spelling before and after the route's filters, since the path that was sent may be in canonical form.
     */
    private static String path(String upstreams, Call.Granted call) {
        String client = call.arrived().rawPath();
        String routed = call.routedPath();
        if (client.endsWith(routed)) {
            return client.substring(0, client.length() - routed.length()) + upstreams;
        }
        String added = routed.endsWith(client) ? routed.substring(0, routed.length() - client.length()) : "";
        return upstreams.startsWith(added + '/') ? upstreams.substring(added.length()) : upstreams;
    }
}
