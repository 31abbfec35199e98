package dev.errand.operation;

import dev.errand.operation.Normalisation.EncodedSlash;
import dev.errand.operation.Normalisation.TrailingSlash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A path in canonical form, with its segments decoded once. Immutable and thread-safe. */
public final class CanonicalPath {
    private static final String[] NO_SEGMENTS = {};

    private final String text;
    private final String[] segments;
    private final boolean trailingSlash;

    private CanonicalPath(String text, String[] segments, boolean trailingSlash) {
        this.text = text;
        this.segments = segments;
        this.trailingSlash = trailingSlash;
    }

    /** The text to send. */
    public String text() {
        return text;
    }

    /** The number of segments; {@code /} has none, and a trailing slash adds none. */
    public int size() {
        return segments.length;
    }

    /** A segment, decoded; with {@link EncodedSlash#LITERAL} an encoded slash in it stays {@code %2F}. */
    public String segment(int index) {
        return segments[index];
    }

    /** Whether it ends in a slash; {@code /} itself does not. */
    public boolean trailingSlash() {
        return trailingSlash;
    }

    /** The segments from one index up to, not including, another, joined by slashes. */
    public String join(int from, int to) {
        if (to - from == 1) {
            return segments[from];
        }
        StringBuilder joined = new StringBuilder();
        for (int i = from; i < to; i++) {
            joined.append(i == from ? "" : "/").append(segments[i]);
        }
        return joined.toString();
    }

    /** Parses the path of a request target. A path that would need rewriting is refused. */
    public static Canonical<CanonicalPath> parse(String sent, Normalisation settings) {
        if (sent.isEmpty() || sent.charAt(0) != '/') {
            return new Canonical.Refused<>("the target is not a path");
        }
        if (sent.length() == 1) {
            return new Canonical.Accepted<>(new CanonicalPath("/", NO_SEGMENTS, false));
        }
        String raw = settings.encodedSlash() == EncodedSlash.SEPARATOR && sent.indexOf('%') >= 0
                ? sent.replace("%2F", "/").replace("%2f", "/")
                : sent;
        List<String> decoded = new ArrayList<>(12);
        StringBuilder spelled = null;
        int start = 1;
        while (start <= raw.length()) {
            int slash = raw.indexOf('/', start);
            int end = slash < 0 ? raw.length() : slash;
            if (end == start && !settings.emptySegments() && end < raw.length()) {
                return new Canonical.Refused<>("an empty segment");
            }
            String segment = raw.substring(start, end);
            boolean encoded = false;
            for (int i = 0; i < segment.length(); i++) {
                char c = segment.charAt(i);
                if (!UriCharacters.isPath(c)) {
                    return new Canonical.Refused<>(UriCharacters.refusal(c));
                }
                encoded |= c == '%';
            }
            if (encoded) {
                PercentEncoding read = PercentEncoding.of(segment, settings.encodedSlash() == EncodedSlash.LITERAL);
                String refusal = read.refusal() == null ? refusal(read.decoded(), settings) : read.refusal();
                if (refusal != null) {
                    return new Canonical.Refused<>(refusal);
                }
                if (spelled == null) {
                    spelled = new StringBuilder(raw.length()).append(raw, 0, start);
                }
                spelled.append(read.spelled());
                segment = read.decoded();
            } else if (spelled != null) {
                spelled.append(segment);
            }
            if (isDot(segment) || (encoded && hasDotBetweenKeptSlashes(segment))) {
                return new Canonical.Refused<>("a dot segment");
            }
            if (spelled != null && slash >= 0) {
                spelled.append('/');
            }
            decoded.add(segment);
            start = end + 1;
        }
        return finish(spelled == null ? raw : spelled.toString(), decoded, settings);
    }

    private static Canonical<CanonicalPath> finish(String text, List<String> decoded, Normalisation settings) {
        if (!decoded.get(decoded.size() - 1).isEmpty()) {
            return new Canonical.Accepted<>(new CanonicalPath(text, decoded.toArray(NO_SEGMENTS), false));
        }
        String[] segments = decoded.subList(0, decoded.size() - 1).toArray(NO_SEGMENTS);
        if (settings.trailingSlash() == TrailingSlash.REJECT) {
            return new Canonical.Refused<>("a trailing slash");
        } else if (settings.trailingSlash() == TrailingSlash.DISTINCT) {
            return new Canonical.Accepted<>(new CanonicalPath(text, segments, true));
        }
        String without = text.substring(0, text.length() - 1);
        return without.endsWith("/")
                ? new Canonical.Refused<>("more than one slash at the end")
                : new Canonical.Accepted<>(new CanonicalPath(without, segments, false));
    }

    private static boolean isDot(String segment) {
        return segment.equals(".") || segment.equals("..");
    }

    /**
     * Whether a dot segment stands between encoded slashes: an upstream that decodes before it splits would resolve
     * {@code a%2F..%2Fb}, even if the catalogue treats encoded slashes as data.
     */
    private static boolean hasDotBetweenKeptSlashes(String segment) {
        for (String part : segment.split("%2F", -1)) {
            if (isDot(part)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String refusal(String decoded, Normalisation settings) {
        for (int i = 0; i < decoded.length(); i++) {
            switch (decoded.charAt(i)) {
                case '/':
                    return "an encoded slash";
                case '\\':
                    return "an encoded backslash";
                case ';':
                    if (!settings.semicolons()) {
                        return "an encoded semicolon";
                    }
                    break;
                default:
            }
        }
        return null;
    }
}
