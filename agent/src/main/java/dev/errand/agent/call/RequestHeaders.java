package dev.errand.agent.call;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The tool's header fields as the gateway gets them: without the tool's credentials, and without hop-by-hop fields. */
final class RequestHeaders {
    /** The tool's own credentials, and fields that only the companion may send. */
    private static final Set<String> CREDENTIALS = Set.of(
            "authorization",
            "proxy-authorization",
            "x-vault-token",
            "cookie",
            "delegation-chain",
            "dpop",
            "aat-pop",
            "workload-svid",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-content-sha256");

    private static final Set<String> HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "upgrade", "host", "http2-settings");

    private RequestHeaders() {}

    /**
     * A copy of a request's fields, with this value of {@code Host}. A request for an upgrade keeps the fields of the
     * upgrade.
     */
    static HttpHeaders cleaned(HttpHeaders tools, String host) {
        Set<String> dropped = nominated(tools);
        HttpHeaders headers = new DefaultHttpHeaders(false);
        for (Map.Entry<String, String> field : tools) {
            String name = plain(field.getKey());
            if (!CREDENTIALS.contains(name) && !HOP.contains(name) && !dropped.contains(name)) {
                headers.add(field.getKey(), field.getValue());
            }
        }
        headers.set(HttpHeaderNames.HOST, host);
        String upgrade = tools.get(HttpHeaderNames.UPGRADE);
        if (upgrade != null && dropped.contains("upgrade")) {
            headers.set(HttpHeaderNames.UPGRADE, upgrade);
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
        return headers;
    }

    /** Removes credentials and hop-by-hop fields from trailers. */
    static void clean(HttpHeaders trailers) {
        for (String name : List.copyOf(trailers.names())) {
            if (CREDENTIALS.contains(plain(name)) || HOP.contains(plain(name))) {
                trailers.remove(name);
            }
        }
    }

    /** The fields that {@code Connection} names, except those that say where the body ends. */
    private static Set<String> nominated(HttpHeaders headers) {
        Set<String> names = new HashSet<>();
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : value.split(",")) {
                names.add(plain(name.strip()));
            }
        }
        names.remove("transfer-encoding");
        names.remove("content-length");
        return names;
    }

    /** In lower case, and with {@code -} for each {@code _}, since some servers take one for the other. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
