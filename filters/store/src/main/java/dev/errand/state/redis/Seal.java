package dev.errand.state.redis;

import java.util.Arrays;

/**
 * Proves who wrote a value of the store: a code is added when a value is written, and removed when it is read.
 * Thread-safe.
 */
public interface Seal {
    /** The first byte of a sealed value; no format of a record and no text begins with it. */
    byte MARK = (byte) 0xE1;

    /** The length of the code after the mark, in bytes. */
    int CODE_BYTES = 16;

    /** Seals nothing, and accepts every value. */
    Seal NONE = new Seal() {
        @Override
        public byte[] seal(byte[] key, byte[] value) {
            return value;
        }

        @Override
        public byte[] open(byte[] key, byte[] stored, int offset) {
            return withoutCode(stored, offset);
        }
    };

    /**
     * The value to store.
     *
     * @param key the key under which it is stored
     */
    byte[] seal(byte[] key, byte[] value);

    /**
     * The value in the stored bytes after that offset.
     *
     * @throws dev.errand.state.StoreUnavailableException if no replica with our key wrote it under this key
     */
    byte[] open(byte[] key, byte[] stored, int offset);

    /** The value without its code, which is not checked. */
    static byte[] withoutCode(byte[] stored, int offset) {
        boolean sealed = stored.length > offset + CODE_BYTES && stored[offset] == MARK;
        return Arrays.copyOfRange(stored, sealed ? offset + 1 + CODE_BYTES : offset, stored.length);
    }
}
