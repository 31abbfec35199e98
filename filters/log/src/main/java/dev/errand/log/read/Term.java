package dev.errand.log.read;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Something that a record can be looked up by: a kind and the bytes of its value. */
public record Term(Kind kind, String value) {
    /**
     * What a value means. The order is part of the format: add a new kind at the end, with a new
     * {@link IndexPart#MAGIC}.
     */
    public enum Kind {
        /** The id of a decision: in its own record, in its outcome, and in an ending that it led to. */
        DECISION,
        TASK,
        OPERATION,
        RESOURCE,
        /** A human, under two values: {@code sub}, and {@code iss}, a space and {@code sub}. */
        HUMAN,
        /** The {@code sub} of a holder. */
        AGENT,
        /** What was decided, for each decision that is not a permit. */
        OUTCOME,
        /** The kind of a record that is neither decision nor outcome. */
        RECORD
    }

    static final int HASH_BITS = 32;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
    private static final long FINISH = 0xFF51AFD7ED558CCDL;

    /** The hash of this term, as {@link #hash(long, Kind, byte[], int, int)}. */
    long hash(long seed) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return hash(seed, kind, bytes, 0, bytes.length);
    }

    /**
     * A hash of {@value #HASH_BITS} bits. Each part of an index has a random seed, so that nobody can choose names that collide.
     *
     * @param from the index of the value's first byte
     * @param to the index after its last byte
     */
    static long hash(long seed, Kind kind, byte[] bytes, int from, int to) {
        long hash = seed + (kind.ordinal() + 1) * FINISH + (to - from);
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            hash = mix(hash, (long) LONG.get(bytes, at));
        }
        long rest = 0;
        for (; at < to; at++) {
            rest = rest << 8 | bytes[at] & 0xFF;
        }
        hash = mix(hash, rest);
        hash ^= hash >>> 33;
        hash *= FINISH;
        hash ^= hash >>> 29;
        return hash >>> Long.SIZE - HASH_BITS;
    }

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * MULTIPLIER;
        return Long.rotateLeft(mixed, 29) + (mixed >>> 32);
    }
}
