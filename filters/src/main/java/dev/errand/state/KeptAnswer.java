package dev.errand.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is kept with the claim of a subject token, so that the same request gets the same answer: bytes that a store does not read. Immutable. */
public final class KeptAnswer {
    private final byte[] bytes;

    /** @param bytes are given away */
    public KeptAnswer(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The bytes; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeptAnswer that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
