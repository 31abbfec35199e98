package dev.errand.sequence.rule;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.AnswerCondition;
import dev.errand.token.Sha256;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values that answers returned to one task, the newest last. Of each value it keeps 64 bits of SHA-256 over a key,
 * the operation, the value's name and the value. The key is random for each task and secret, so that nobody can search
 * for two values with one hash. At most {@link #MAX} values are kept; a new one replaces the oldest. Immutable and
 * thread-safe.
 */
public final class AnswerValues {
    /** The most values of one task. */
    public static final int MAX = 4_096;

    /** The length of a key, in bytes. */
    public static final int KEY_BYTES = 16;

    private static final byte[] NO_KEY = new byte[KEY_BYTES];

    /** Nothing was returned. */
    public static final AnswerValues NONE = new AnswerValues(NO_KEY, new long[0]);

    private final byte[] key;
    private final long[] hashes;

    private AnswerValues(byte[] key, long[] hashes) {
        this.key = key;
        this.hashes = hashes;
    }

    /**
     * One value of an answer.
     *
     * @param operation the operation that returned it
     * @param name the name under which a catalogue lists it
     * @param value its hash; {@link Value#ABSENT} for one that cannot be compared
     * @param number the number, if it is one
     * @param authority whether no caller of this gateway can choose the value
     */
    public record Named(
            String operation,
            String name,
            Value value,
            @Nullable BigDecimal number,
            boolean authority) {
        private static final String TRUSTED = "\u0000trusted";

        /** A value of which only equal ones are looked for. */
        public Named(String operation, String name, Value value) {
            this(operation, name, value, null, false);
        }

        public static Named of(String operation, String name, boolean authority, JsonValue scalar) {
            BigDecimal number = scalar instanceof JsonNumber given ? AnswerCondition.exactly(given) : null;
            return new Named(operation, name, hash(scalar), number, authority);
        }

        /** The same value, kept as one that untrusted content did not choose. */
        public Named trusted() {
            return new Named(operation, name + TRUSTED, value, number, authority);
        }
    }

    /** Where a value comes from: the name of a value in the answers of an operation. */
    public record Source(String operation, String name) {
        private Named with(Value value, boolean trusted) {
            Named named = new Named(operation, name, value);
            return trusted ? named.trusted() : named;
        }
    }

    /**
     * The values after one more answer.
     *
     * @param taken how many different values the answer had
     * @param dropped how many older values were dropped for them
     */
    public record Taken(AnswerValues values, int taken, int dropped) {}

    /**
     * The hash with which rules compare a scalar: that of its canonical JSON (RFC 8785). A number that no double holds
     * exactly, such as a 64-bit id, is hashed by its decimal value instead, since numbers near it have the same
     * canonical form. A number whose exponent is out of range gives {@link Value#ABSENT}, which equals no value.
     */
    public static Value hash(JsonValue scalar) {
        if (!(scalar instanceof JsonNumber number) || Jcs.isAdmissible(number)) {
            return Value.of(scalar);
        }
        try {
            String exactly = "exactly " + new BigDecimal(number.text()).stripTrailingZeros();
            return Value.of(exactly.getBytes(StandardCharsets.UTF_8));
        } catch (ArithmeticException | NumberFormatException beyondAnyExponent) {
            return Value.ABSENT;
        }
    }

    private boolean hasKey() {
        return hashes.length > 0 || !Arrays.equals(key, NO_KEY);
    }

    /** These values with a key, if they have none yet. */
    public AnswerValues keyed(byte[] freshKey) {
        return hasKey() ? this : new AnswerValues(freshKey.clone(), hashes);
    }

    /** The hash under which a value of this task's answers is kept. */
    long hash(Named value) {
        return hash(key, value);
    }

    /** The number of values that are kept. */
    public int size() {
        return hashes.length;
    }

    /** Whether the operation returned the value under that name and the value is still kept. */
    public boolean has(Named value) {
        if (hashes.length == 0) {
            return false;
        }
        long wanted = hash(key, value);
        for (long hash : hashes) {
            if (hash == wanted) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one of the sources returned the value; of an array, whether it returned every element.
     *
     * @param text whether the value came as text, which also equals the number that it spells
     * @param trusted whether only values count that untrusted content did not choose
     */
    public boolean gave(JsonValue value, boolean text, Collection<Source> sources, boolean trusted) {
        if (!isBounded(value)) {
            return false;
        }
        if (value instanceof JsonArray array) {
            Set<JsonValue> seen = new HashSet<>();
            return array.values().stream()
                    .allMatch(each -> isScalar(each) && (!seen.add(each) || gaveScalar(each, text, sources, trusted)));
        }
        return isScalar(value) && gaveScalar(value, text, sources, trusted);
    }

    /** False for an empty array, and for one with more elements than a task can have values. */
    static boolean isBounded(JsonValue value) {
        return !(value instanceof JsonArray array)
                || (!array.values().isEmpty() && array.values().size() <= MAX);
    }

    private static boolean isScalar(JsonValue value) {
        return value instanceof JsonString || value instanceof JsonNumber || value instanceof JsonBoolean;
    }

    private boolean gaveScalar(JsonValue value, boolean text, Collection<Source> sources, boolean trusted) {
        if (isKept(value, sources, trusted)) {
            return true;
        }
        JsonNumber spelled = text && value instanceof JsonString string ? Jcs.spelled(string.value()) : null;
        return spelled != null && isKept(spelled, sources, trusted);
    }

    private boolean isKept(JsonValue value, Collection<Source> sources, boolean trusted) {
        Value hash = hash(value);
        return !hash.equals(Value.ABSENT) && sources.stream().anyMatch(source -> has(source.with(hash, trusted)));
    }

    /**
     * These values and those of one more answer, in its order. A value that was returned before becomes the newest.
     *
     * @param freshKey the key to use if nothing was returned to the task yet
     */
    public Taken with(List<Named> answer, byte[] freshKey) {
        byte[] used = hasKey() ? key : freshKey.clone();
        Set<Long> fresh = new LinkedHashSet<>();
        for (Named each : answer) {
            if (!each.value().equals(Value.ABSENT)) {
                Long hash = hash(used, each);
                fresh.remove(hash);
                fresh.add(hash);
            }
        }
        if (fresh.isEmpty()) {
            return new Taken(this, 0, 0);
        }
        trim(fresh);
        Set<Long> all = new LinkedHashSet<>();
        for (long hash : hashes) {
            if (!fresh.contains(hash)) {
                all.add(hash);
            }
        }
        int dropped = Math.max(0, all.size() + fresh.size() - MAX);
        all.addAll(fresh);
        trim(all);
        long[] next = all.stream().mapToLong(Long::longValue).toArray();
        return new Taken(new AnswerValues(used, next), fresh.size(), dropped);
    }

    private static void trim(Set<Long> hashes) {
        Iterator<Long> oldest = hashes.iterator();
        for (int more = hashes.size() - MAX; more > 0; more--) {
            oldest.next();
            oldest.remove();
        }
    }

    private static long hash(byte[] key, Named value) {
        byte[] operation = value.operation().getBytes(StandardCharsets.UTF_8);
        byte[] name = value.name().getBytes(StandardCharsets.UTF_8);
        byte[] text = ByteBuffer.allocate(key.length + Integer.BYTES + operation.length + name.length + 2 * Long.BYTES)
                .put(key)
                .putInt(operation.length)
                .put(operation)
                .put(name)
                .putLong(value.value().high())
                .putLong(value.value().low())
                .array();
        return ByteBuffer.wrap(Sha256.of(text)).getLong();
    }

    /** The stored form: the key, and 8 bytes for each value, the oldest first. No bytes if there is no key. */
    public byte[] write() {
        if (!hasKey()) {
            return new byte[0];
        }
        ByteBuffer out =
                ByteBuffer.allocate(KEY_BYTES + Long.BYTES * hashes.length).put(key);
        for (long hash : hashes) {
            out.putLong(hash);
        }
        return out.array();
    }

    /**
     * Reads the bytes of {@link #write}.
     *
     * @throws IllegalArgumentException for any other bytes
     */
    public static AnswerValues read(byte[] written) {
        if (written.length == 0) {
            return NONE;
        }
        int rest = written.length - KEY_BYTES;
        if (rest < 0 || rest % Long.BYTES != 0 || rest / Long.BYTES > MAX) {
            throw new IllegalArgumentException("the values of answers have a wrong length");
        }
        ByteBuffer in = ByteBuffer.wrap(written);
        byte[] key = new byte[KEY_BYTES];
        in.get(key);
        long[] hashes = new long[rest / Long.BYTES];
        in.asLongBuffer().get(hashes);
        return new AnswerValues(key, hashes);
    }
}
