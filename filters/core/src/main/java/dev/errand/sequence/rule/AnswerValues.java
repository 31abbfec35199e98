package dev.errand.sequence.rule;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.token.Sha256;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

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

    /** Nothing was returned. */
    public static final AnswerValues NONE = new AnswerValues(new byte[KEY_BYTES], new long[0]);

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
     */
    public record Named(String operation, String name, Value value) {}

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
     * These values and those of one more answer, in its order. A value that was returned before becomes the newest.
     *
     * @param freshKey the key to use if nothing was returned to the task yet
     */
    public Taken with(List<Named> answer, byte[] freshKey) {
        if (answer.isEmpty()) {
            return new Taken(this, 0, 0);
        }
        byte[] used = hashes.length == 0 ? freshKey.clone() : key;
        Set<Long> fresh = new LinkedHashSet<>();
        for (Named each : answer) {
            Long hash = hash(used, each);
            fresh.remove(hash);
            fresh.add(hash);
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

    /** The stored form: the key, and 8 bytes for each value, the oldest first. No bytes if there are no values. */
    public byte[] write() {
        if (hashes.length == 0) {
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
        if (rest <= 0 || rest % Long.BYTES != 0 || rest / Long.BYTES > MAX) {
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
