package dev.errand.decision;

import dev.errand.web.HostSyntax;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as another gateway tells it.
 *
 * @param path the {@code :path} as the gateway has it
 * @param fields the agent's fields, with {@code Host}, and with what frames the body; those of {@link #isGateways} are left out
 * @param whole whether no body follows
 * @param buffered whether the gateway gives a body whole; else it gives none
 * @param cluster the gateway's cluster that leads to the upstream; null if it is not told
 * @param routeName the gateway's name for the route, or null
 * @param certificate the certificate that the agent showed the gateway, or null
 * @param fault why the gateway may not ask like this, or null
 * @param foreign the first field of the gateway's own names that the gateway does not write itself, or null
 */
record RequestHead(
        String method,
        String scheme,
        String authority,
        String path,
        DefaultHttpHeaders fields,
        boolean whole,
        boolean buffered,
        @Nullable String cluster,
        @Nullable String routeName,
        @Nullable X509Certificate certificate,
        @Nullable String fault,
        @Nullable String foreign) {
    private static final int MAX_NAME = 128;

    private static final String GATEWAYS = "x-envoy-";

    /** The fields of its own that Envoy adds to a request, and which go on to the upstream. */
    private static final List<String> ADDED = List.of(
            "x-envoy-external-address",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-attempt-count",
            "x-envoy-original-path",
            "x-forwarded-proto");

    RequestHead {
        routeName = routeName == null || routeName.length() <= MAX_NAME ? routeName : routeName.substring(0, MAX_NAME);
    }

    /**
     * The head, from a list of fields with pseudo-header fields.
     *
     * @param whole whether no body follows
     * @param facts what else the gateway tells
     */
    static RequestHead of(List<HeaderValue> list, boolean whole, GatewayFacts facts) {
        DefaultHttpHeaders fields = new DefaultHttpHeaders();
        String method = "";
        String scheme = "";
        String authority = "";
        String path = "";
        String foreign = null;
        for (HeaderValue field : list) {
            String name = field.getKey();
            String value = value(field);
            switch (name) {
                case ":method" -> method = value;
                case ":scheme" -> scheme = value;
                case ":authority" -> authority = value;
                case ":path" -> path = value;
                default -> {
                    if (isGateways(name)) {
                        continue;
                    }
                    if (name.startsWith(GATEWAYS) && foreign == null) {
                        foreign = name;
                    }
                    // The host is the authority: the field counts only if that is one.
                    if (!name.startsWith(":") && !HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
                        fields.add(name, value);
                    }
                }
            }
        }
        if (HostSyntax.isHost(authority)) {
            fields.set(HttpHeaderNames.HOST, authority);
        }
        if (!whole
                && !fields.contains(HttpHeaderNames.UPGRADE)
                && !fields.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !fields.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            // HTTP/2 does not frame a body by fields, and what follows a handshake is no body. The stages read from the
            // fields whether there is one.
            fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return new RequestHead(
                method,
                scheme,
                authority,
                path,
                fields,
                whole,
                facts.buffered(),
                facts.cluster(),
                facts.routeName(),
                facts.certificate(fields),
                facts.fault(),
                foreign);
    }

    /** A field's value, a byte a character. */
    static String value(HeaderValue field) {
        return field.getRawValue().isEmpty()
                ? field.getValue()
                : field.getRawValue().toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the field is the other gateway's own: it is not judged, and not changed. */
    static boolean isGateways(String name) {
        return ADDED.contains(name);
    }

    /** The length that the head says of the body; -1 if it says none. */
    long announced() {
        String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException malformed) {
            return Long.MAX_VALUE;
        }
    }

    /** The URL that was asked for; null if it is none, or if the authority is more than a host and its port. */
    @Nullable URI uri() {
        if ((!path.startsWith("/") && !path.equals("*")) || !fields.contains(HttpHeaderNames.HOST)) {
            return null;
        }
        try {
            URI uri = new URI((scheme.equals("https") ? "https" : "http") + "://" + authority + path);
            return uri.getHost() == null ? null : uri;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
