package dev.errand.state.redis.seal;

import java.util.Arrays;

/**
 * What shows who wrote a value of the store: put around it when it is written, and taken off when it is read. Thread-safe.
 */
public interface Seal {
    /** The first byte of a sealed value; no format of a record and no text begins with it. */
    byte MARK = (byte) 0xE1;

    /** How long the code behind the mark is. */
    int CODE_BYTES = 16;

    /** Seals nothing, and believes whatever it reads. */
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
     * The value as it is to be stored.
     *
     * @param key under which it is stored
     */
    byte[] seal(byte[] key, byte[] value);

    /**
     * The value that is stored behind that offset.
     *
     * @throws dev.errand.state.StoreUnavailableException if it was not written by one of us under this key
     */
    byte[] open(byte[] key, byte[] stored, int offset);

    /** The value, whatever its code says. */
    static byte[] withoutCode(byte[] stored, int offset) {
        boolean sealed = stored.length > offset + CODE_BYTES && stored[offset] == MARK;
        return Arrays.copyOfRange(stored, sealed ? offset + 1 + CODE_BYTES : offset, stored.length);
    }
}
