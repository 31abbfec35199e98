package dev.errand.web;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * W3C Trace Context: the trace is continued, the span to the upstream is the gateway's. This works without OpenTelemetry, whose
 * propagator needs a context object for each call; only the package that exports spans uses that library.
 */
public final class Traceparent {
    private static final String NAME = "traceparent";

    private static final Pattern VALID = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final HexFormat HEX = HexFormat.of();

    private Traceparent() {}

    /** A new span in the caller's trace; a new trace where the caller sent none, several, or a malformed one. */
    public static String next(HttpHeaders received) {
        List<String> values = received.getOrEmpty(NAME);
        return next(values.size() == 1 ? values.get(0) : null);
    }

    /** The caller's own, if it sent exactly one that is well-formed; else null. */
    public static @Nullable String received(HttpHeaders received) {
        List<String> values = received.getOrEmpty(NAME);
        return values.size() == 1 && isValid(values.get(0)) ? values.get(0) : null;
    }

    private static boolean isValid(String value) {
        return value.length() == 55 && VALID.matcher(value).matches();
    }

    /** Whether the sent span continues the received trace; if not, the received {@code tracestate} must not be sent (section 4.3). */
    public static boolean continues(HttpHeaders received, String sent) {
        String parent = received.getFirst(NAME);
        return parent != null && parent.regionMatches(3, sent, 3, 32);
    }

    private static String next(@Nullable String received) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String span = HEX.toHexDigits(random.nextLong() | 1);
        if (received != null && isValid(received)) {
            return received.substring(0, 36) + span + received.substring(52);
        }
        return "00-" + HEX.toHexDigits(random.nextLong() | 1) + HEX.toHexDigits(random.nextLong()) + "-" + span + "-01";
    }
}
