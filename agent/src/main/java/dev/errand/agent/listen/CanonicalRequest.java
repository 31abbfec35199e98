package dev.errand.agent.listen;

import dev.errand.agent.listen.QueryText.Pair;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The text that the signature of a request covers. */
final class CanonicalRequest {
    private CanonicalRequest() {}

    /** @param spelled whether the path is decoded and encoded again; if not, it is taken as it was sent */
    static String of(SignedRequest signed, HttpRequest request, boolean spelled) {
        String target = request.uri();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        StringBuilder text = new StringBuilder(request.method().name()).append('\n');
        text.append(spelled ? QueryText.encoded(QueryText.decoded(path), "/") : path)
                .append('\n');
        text.append(query(target, signed.inQuery())).append('\n');
        for (String name : signed.headers()) {
            List<String> values = request.headers().getAll(name);
            text.append(name).append(':');
            text.append(values.stream().map(CanonicalRequest::trimmed).collect(Collectors.joining(",")));
            text.append('\n');
        }
        text.append('\n').append(String.join(";", signed.headers())).append('\n');
        return text.append(signed.payload()).toString();
    }

    private static String query(String target, boolean signs) {
        return QueryText.pairs(target).stream()
                .filter(pair -> !signs || !pair.key().equals("X-Amz-Signature"))
                .map(pair -> new Pair(QueryText.encoded(pair.key(), ""), QueryText.encoded(pair.value(), "")))
                .sorted(Comparator.comparing(Pair::key).thenComparing(Pair::value))
                .map(pair -> pair.key() + "=" + pair.value())
                .collect(Collectors.joining("&"));
    }

    private static String trimmed(String value) {
        return value.strip().replaceAll(" +", " ");
    }
}
