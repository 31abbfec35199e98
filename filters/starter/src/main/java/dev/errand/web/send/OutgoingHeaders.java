package dev.errand.web.send;

import dev.errand.operation.HeaderRule;
import dev.errand.operation.HeaderRules;
import dev.errand.web.Call;
import dev.errand.web.HopHeaders;
import dev.errand.web.NativeHeaders;
import dev.errand.web.Traceparent;
import dev.errand.web.WatchedValue;
import dev.errand.web.WrittenHeaders;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * Composes the header fields that go to the upstream. It goes over the client's fields once, after every headers
 * filter. So no field of the client ({@code Connection: close, Txn-Token}) can remove or shadow a field of the gateway's. A
 * name or value that could split one field into two is an {@link IllegalArgumentException}, whoever wrote it.
 */
final class OutgoingHeaders {
    private static final Set<String> BODY_LESS = Set.of("GET", "HEAD", "DELETE", "OPTIONS", "TRACE");
    private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
    private static final AsciiString TRACESTATE = AsciiString.cached("tracestate");

    private final ServerHttpRequest request;
    private final @Nullable Call call;
    private final Call.@Nullable Granted granted;
    private final HeaderRules rules;
    private final WrittenHeaders route;
    private final Map<String, String> ours;
    private final boolean lines;
    private final Set<String> stripped;
    private final Set<String> named;

    private OutgoingHeaders(ServerWebExchange exchange) {
        this.request = exchange.getRequest();
        this.call = Call.find(exchange);
        this.granted = call == null ? null : call.granted();
        this.rules = granted == null ? HeaderRules.OPEN : granted.headerRules();
        Route sentBy = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        this.route = sentBy == null ? WrittenHeaders.NONE : WrittenHeaders.of(sentBy);
        Call.Forwarded forwarded = call instanceof Call.Forwarded known ? known : null;
        this.ours = forwarded == null ? Map.of() : forwarded.headers();
        this.lines = forwarded != null
                && forwarded.credential() != null
                && forwarded.credential().writesLines();
        this.stripped = forwarded == null ? Set.of() : forwarded.stripped();
        this.named = HopHeaders.namedByConnection(request.getHeaders());
    }

    /**
     * The fields as they will be sent.
     *
     * @param filtered the client's fields after the operator's filters, or the request's own headers
     */
    static DefaultHttpHeaders of(HttpHeaders filtered, ServerWebExchange exchange) {
        return new OutgoingHeaders(exchange).compose(filtered);
    }

    /**
     * The fields as they will be sent, by name in lower case and without an operator's filters: for a credential that
     * signs them.
     */
    static Map<String, List<String>> byName(ServerWebExchange exchange) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        of(exchange.getRequest().getHeaders(), exchange)
                .iteratorAsString()
                .forEachRemaining(field -> fields.computeIfAbsent(
                                field.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
                        .add(field.getValue()));
        return fields;
    }

    /** Whether the request has neither a length nor chunks. */
    static boolean isBodyless(HttpHeaders client) {
        return !client.containsHeader(HttpHeaders.TRANSFER_ENCODING)
                && !client.containsHeader(HttpHeaders.CONTENT_LENGTH);
    }

    /** Whether the client sends a body of one byte or more, or of a length that it does not say. */
    static boolean hasBody(HttpHeaders client) {
        return client.containsHeader(HttpHeaders.TRANSFER_ENCODING)
                || client.getOrEmpty(HttpHeaders.CONTENT_LENGTH).stream().anyMatch(length -> !length.equals("0"));
    }

    private DefaultHttpHeaders compose(HttpHeaders filtered) {
        HttpHeaders client = request.getHeaders();
        DefaultHttpHeaders out = new DefaultHttpHeaders();
        passOn(filtered, out);
        if (lines) {
            ours.forEach((name, value) -> setLines(out, name, value));
        } else {
            ours.forEach((name, value) -> out.set(name, bytes(value)));
        }
        if (call != null) {
            String traceparent = call.arrived().traceparent();
            out.set(TRACEPARENT, traceparent);
            if (!Traceparent.continues(client, traceparent)) {
                out.remove(TRACESTATE);
            }
        }
        boolean returning = call instanceof Call.Decided decided
                && !WatchedValue.of(decided).isEmpty();
        if (granted != null && (granted.listAnswer() != null || granted.searched() || returning)) {
            // An answer that will be filtered, searched or read must not be compressed.
            out.remove(HttpHeaders.ACCEPT_ENCODING);
        }
        if (granted != null && (granted.searched() || returning)) {
            // A part of an answer does not show what is searched for or read in the whole answer.
            out.remove(HttpHeaders.RANGE);
        }
        if (client.containsHeader(HttpHeaders.TRANSFER_ENCODING)) {
            // If a request has both, Transfer-Encoding counts (RFC 9112 section 6.3). With a length too, a server could
            // read two requests.
            out.remove(HttpHeaders.CONTENT_LENGTH);
        }
        boolean noBody = isBodyless(client);
        if (noBody && !BODY_LESS.contains(request.getMethod().name())) {
            // Without this, a request without a body goes out with an empty chunked one.
            out.set(HttpHeaders.CONTENT_LENGTH, "0");
        }
        byte[] body = granted == null ? null : granted.body();
        if (body != null && !noBody) {
            out.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
        }
        return out;
    }

    private void passOn(HttpHeaders filtered, DefaultHttpHeaders out) {
        io.netty.handler.codec.http.HttpHeaders received =
                filtered == request.getHeaders() ? NativeHeaders.of(request) : null;
        if (received == null) {
            filtered.headerSet().forEach(field -> {
                if (passes(field.getKey())) {
                    out.add(field.getKey(), field.getValue());
                }
            });
            return;
        }
        Iterator<Map.Entry<CharSequence, CharSequence>> fields = received.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            if (passes(field.getKey().toString())) {
                out.add(field.getKey(), field.getValue());
            }
        }
    }

    /** A value of several lines becomes a field of that name for each line. */
    private static void setLines(DefaultHttpHeaders out, String name, String value) {
        out.remove(name);
        for (String line : value.split("\n", -1)) {
            out.add(name, bytes(line));
        }
    }

    private boolean passes(String name) {
        HeaderRule rule = rules.of(name);
        if (!rule.passes() && !isOfRoute(rule, name)) {
            return false;
        }
        String canonical = HopHeaders.canonical(name);
        boolean disguised = canonical.equals("content-length") && name.indexOf('_') >= 0;
        return !disguised
                && !named.contains(canonical)
                && !stripped.contains(canonical)
                && !ours.containsKey(canonical);
    }

    /** Whether a filter of the route wrote the header, and no list removes or refuses it. */
    private boolean isOfRoute(HeaderRule rule, String name) {
        boolean free = rule.fate() == HeaderRule.Fate.UNLISTED || rule.fate() == HeaderRule.Fate.HARMLESS;
        return free && route.contains(name.toLowerCase(Locale.ROOT));
    }

    /**
     * The value as bytes. The gateway's own values are long, and Netty would encode a string character by
     * character.
     */
    private static AsciiString bytes(String value) {
        return new AsciiString(value.getBytes(StandardCharsets.ISO_8859_1), false);
    }
}
