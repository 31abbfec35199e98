package dev.errand.upstream;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request as it will be sent to the upstream.
 *
 * @param method the method
 * @param target scheme, authority, path and query, as they will be sent
 * @param headers the fields that will be sent, names in lower case
 * @param content the body if it was read for the decision, otherwise null; nobody may change the array
 * @param streams whether a body follows that was not read
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OutgoingRequest(
        String method, URI target, Map<String, List<String>> headers, byte @Nullable [] content, boolean streams) {
    /** A request without a body, or with one that was read. */
    public OutgoingRequest(String method, URI target, Map<String, List<String>> headers, byte @Nullable [] content) {
        this(method, target, headers, content, false);
    }

    /** {@code @authority} (RFC 9421 section 2.2.3): lower case, without the scheme's default port. */
    public String authority() {
        String authority = target.getRawAuthority();
        return authority == null ? "" : normalisedAuthority(target.getScheme(), authority);
    }

    /** {@code @path} (section 2.2.6): {@code /} if it is empty. */
    public String path() {
        String path = target.getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** {@code @query} (section 2.2.7), beginning with {@code ?}; only {@code ?} if there is no query. */
    public String query() {
        String query = target.getRawQuery();
        return query == null ? "?" : "?" + query;
    }

    static String normalisedAuthority(@Nullable String scheme, String authority) {
        String lower = authority.toLowerCase(Locale.ROOT);
        String port = "https".equalsIgnoreCase(scheme) || "wss".equalsIgnoreCase(scheme) ? ":443" : ":80";
        if (lower.endsWith(port)) {
            return lower.substring(0, lower.length() - port.length());
        }
        return lower.endsWith(":") ? lower.substring(0, lower.length() - 1) : lower;
    }

    @Override
    public String toString() {
        return method + " " + authority() + path();
    }
}
