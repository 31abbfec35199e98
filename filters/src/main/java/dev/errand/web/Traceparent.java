package dev.errand.web;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** W3C Trace Context: the trace is continued, the span to the upstream is ours. */
final class Traceparent {
    private static final Pattern VALID = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final HexFormat HEX = HexFormat.of();

    private Traceparent() {}

    /** A new span in the caller's trace; a new trace where the caller sent none or a malformed one. */
    static String next(@Nullable String received) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String span = HEX.toHexDigits(random.nextLong() | 1);
        if (received != null
                && received.length() == 55
                && VALID.matcher(received).matches()) {
            return received.substring(0, 36) + span + received.substring(52);
        }
        return "00-" + HEX.toHexDigits(random.nextLong() | 1) + HEX.toHexDigits(random.nextLong()) + "-" + span + "-01";
    }
}
