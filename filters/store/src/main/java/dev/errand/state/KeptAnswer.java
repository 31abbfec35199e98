package dev.errand.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes kept with the claim of a subject token, so that a repeated request gets the same answer. Stores do not read
 * them. Immutable.
 */
public final class KeptAnswer {
    private final byte[] bytes;

    /** @param bytes not copied; the caller must not use the array afterwards */
    public KeptAnswer(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The bytes themselves; the caller must not change them. */
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
