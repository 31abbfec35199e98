package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.HopHeaders;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Cleans the header fields and trailers of the upstream's answer, one by one and after every headers filter.
 * Hop-by-hop fields end here. Fields that only the gateway may write are removed. Addresses of the upstream become
 * the gateway's. A field that holds the credential of the call goes no further, and marks the call.
 */
public final class IncomingHeaders {
    private final Set<String> named;
    private final Call.@Nullable Granted call;
    private final @Nullable Call sentBy;
    private final @Nullable SentCredential sent;
    private final BiConsumer<String, String> out;

    private IncomingHeaders(List<String> connection, ServerWebExchange exchange, BiConsumer<String, String> out) {
        this.named = HopHeaders.namedByConnection(connection);
        Call known = Call.find(exchange);
        this.call = known == null ? null : known.granted();
        this.sentBy = known;
        this.sent = SentCredential.of(known);
        this.out = out;
    }

    /** Passes to {@code out} those of the upstream's fields that go on to the agent. */
    public static void pass(
            io.netty.handler.codec.http.HttpHeaders fields,
            ServerWebExchange exchange,
            BiConsumer<String, String> out) {
        IncomingHeaders incoming = new IncomingHeaders(fields.getAll(HttpHeaders.CONNECTION), exchange, out);
        fields.iteratorCharSequence().forEachRemaining(incoming::pass);
    }

    /** Passes on, in the same way, the fields that an operator's filters left. */
    public static void pass(HttpHeaders fields, ServerWebExchange exchange, BiConsumer<String, String> out) {
        IncomingHeaders incoming = new IncomingHeaders(fields.getOrEmpty(HttpHeaders.CONNECTION), exchange, out);
        fields.headerSet().forEach(field -> field.getValue().forEach(value -> incoming.pass(field.getKey(), value)));
    }

    private void pass(Map.Entry<CharSequence, CharSequence> field) {
        pass(field.getKey().toString(), field.getValue().toString());
    }

    private void pass(String name, String value) {
        String canonical = HopHeaders.canonical(name);
        if (HopHeaders.answerStaysHere(canonical) || named.contains(canonical)) {
            return;
        }
        if (sentBy != null && sent != null && (sent.isIn(value) || sent.isIn(name))) {
            sentBy.progress().echo();
            return;
        }
        out.accept(name, call == null ? value : rewritten(canonical, value, call));
    }

    private static String rewritten(String canonicalName, String value, Call.Granted call) {
        return switch (canonicalName) {
            case "location", "content-location" -> UpstreamLinks.location(value, call);
            case "link" -> UpstreamLinks.link(value, call);
            default -> value;
        };
    }
}
