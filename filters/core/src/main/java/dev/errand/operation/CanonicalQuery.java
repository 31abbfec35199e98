package dev.errand.operation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query in canonical form, with keys and values decoded once. Nothing between two {@code &} is no pair, as where forms are parsed
 * (URL Standard, section 5.1): clients send {@code ?&a=1}. Immutable and thread-safe.
 */
public final class CanonicalQuery {
    /** No query. */
    public static final CanonicalQuery NONE = new CanonicalQuery(null, List.of(), List.of(), List.of());

    private final @Nullable String text;
    private final List<String> keys;
    private final List<String> values;
    private final List<Boolean> plain;

    private CanonicalQuery(@Nullable String text, List<String> keys, List<String> values, List<Boolean> plain) {
        this.text = text;
        this.keys = keys;
        this.values = values;
        this.plain = plain;
    }

    /** The text to send, without the question mark; null if there is no query. */
    public @Nullable String text() {
        return text;
    }

    /** The number of pairs. */
    public int size() {
        return keys.size();
    }

    /** The key of a pair, decoded. */
    public String key(int index) {
        return keys.get(index);
    }

    /** The value of a pair, decoded; empty if it has no {@code =}. */
    public String value(int index) {
        return values.get(index);
    }

    /** Whether the value has no raw {@code +}, which some servers read as a space and some as a plus. */
    public boolean isPlain(int index) {
        return plain.get(index);
    }

    /** The index of the first pair with that key, or -1. */
    public int indexOf(String key) {
        return keys.indexOf(key);
    }

    /** Whether the key is present more than once. */
    public boolean isRepeated(String key) {
        return keys.indexOf(key) != keys.lastIndexOf(key);
    }

    /** The value of the first pair with that key, or null. */
    public @Nullable String get(String key) {
        int index = keys.indexOf(key);
        return index < 0 ? null : values.get(index);
    }

    /** A single pair that is not from a request target; it has no text to send. */
    public static CanonicalQuery of(String key, String value) {
        return new CanonicalQuery(null, List.of(key), List.of(value), List.of(true));
    }

    /** Parses the query of a request target; null means no query. */
    public static Canonical<CanonicalQuery> parse(@Nullable String raw) {
        if (raw == null) {
            return new Canonical.Accepted<>(NONE);
        }
        List<String> keys = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<Boolean> plain = new ArrayList<>();
        StringBuilder spelled = new StringBuilder(raw.length());
        int start = 0;
        while (start < raw.length()) {
            int next = raw.indexOf('&', start);
            if (next == start) {
                spelled.append('&');
                start++;
                continue;
            }
            int end = next < 0 ? raw.length() : next;
            int sign = raw.indexOf('=', start);
            int keyEnd = sign < 0 || sign > end ? end : sign;
            String refusal = component(raw.substring(start, keyEnd), keys, spelled);
            boolean signed = keyEnd < end;
            String value = signed ? raw.substring(keyEnd + 1, end) : "";
            if (signed) {
                spelled.append('=');
            }
            refusal = refusal == null ? component(value, values, spelled) : refusal;
            if (refusal != null) {
                return new Canonical.Refused<>(refusal);
            }
            plain.add(value.indexOf('+') < 0);
            if (next >= 0) {
                spelled.append('&');
            }
            start = end + 1;
        }
        for (String key : keys) {
            if (key.equalsIgnoreCase("_method")) {
                return new Canonical.Refused<>("a method override in the query");
            }
        }
        return new Canonical.Accepted<>(new CanonicalQuery(spelled.toString(), keys, values, plain));
    }

    private static @Nullable String component(String raw, List<String> decoded, StringBuilder spelled) {
        boolean encoded = false;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (!UriCharacters.isQuery(c)) {
                return UriCharacters.refusal(c);
            }
            encoded |= c == '%';
        }
        if (!encoded) {
            decoded.add(raw);
            spelled.append(raw);
            return null;
        }
        PercentEncoding read = PercentEncoding.of(raw, false);
        decoded.add(read.decoded());
        spelled.append(read.spelled());
        return read.refusal();
    }
}
