package dev.errand.agent.listen;

import dev.errand.token.Sha256;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signature of a request, and what belongs to it.
 *
 * @param scope date, region, service and {@code aws4_request}, with slashes between
 * @param headers the signed fields, in lower case and in order
 * @param time as {@code 20261127T120000Z}
 * @param expires how long the signature is valid, if it is in the query
 * @param payload the hash of the body, or a word instead of it
 */
record SignedRequest(
        String accessKey,
        String scope,
        List<String> headers,
        String signature,
        String time,
        Duration expires,
        String payload,
        boolean inQuery) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final Duration SKEW = Duration.ofMinutes(15);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    /** The hash of an empty body, which a request is signed for that names no hash. */
    private static final String EMPTY = HexFormat.of().formatHex(Sha256.of(""));

    private static final int SCOPE_PARTS = 5;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

    /** Reads a request; null if it has no signature, or one of another form. */
    static @Nullable SignedRequest of(HttpRequest request) {
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        if (header != null) {
            String payload = request.headers().get("x-amz-content-sha256");
            return header.startsWith(ALGORITHM + " ")
                    ? of(
                            fields(header.substring(ALGORITHM.length() + 1)),
                            request.headers().get("x-amz-date"),
                            SKEW,
                            payload == null ? EMPTY : payload,
                            false)
                    : null;
        }
        Map<String, String> query = new HashMap<>();
        QueryText.pairs(request.uri()).forEach(pair -> query.putIfAbsent(pair.key(), pair.value()));
        if (!ALGORITHM.equals(query.get("X-Amz-Algorithm"))) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (String name : List.of("Credential", "SignedHeaders", "Signature")) {
            fields.put(name, query.getOrDefault("X-Amz-" + name, ""));
        }
        String seconds = query.getOrDefault("X-Amz-Expires", "");
        Duration expires =
                seconds.matches("[0-9]{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : LONGEST.plusDays(1);
        String payload = query.getOrDefault("X-Amz-Content-Sha256", UNSIGNED);
        return expires.compareTo(LONGEST) > 0 ? null : of(fields, query.get("X-Amz-Date"), expires, payload, true);
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(
                        part.substring(0, equals).strip(),
                        part.substring(equals + 1).strip());
            }
        }
        return fields;
    }

    private static @Nullable SignedRequest of(
            Map<String, String> fields, @Nullable String time, Duration expires, String payload, boolean inQuery) {
        String credential = fields.getOrDefault("Credential", "");
        String[] parts = credential.split("/");
        List<String> headers = List.of(fields.getOrDefault("SignedHeaders", "").split(";"));
        boolean whole = parts.length == SCOPE_PARTS
                && parts[3].equals("s3")
                && parts[4].equals("aws4_request")
                && headers.contains("host")
                && time != null
                && time.startsWith(parts[1]);
        return !whole || time == null
                ? null
                : new SignedRequest(
                        parts[0],
                        credential.substring(parts[0].length() + 1),
                        headers,
                        fields.getOrDefault("Signature", ""),
                        time,
                        expires,
                        payload,
                        inQuery);
    }

    /** Whether the signature is valid at this time. */
    boolean isCurrent(Instant now) {
        try {
            Instant signed = LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC);
            return !signed.isAfter(now.plus(SKEW)) && !signed.plus(expires).isBefore(now);
        } catch (DateTimeParseException malformed) {
            return false;
        }
    }
}
