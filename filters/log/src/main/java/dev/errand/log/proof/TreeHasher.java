package dev.errand.log.proof;

import dev.errand.token.Sha256;
import java.security.DigestException;
import java.security.MessageDigest;

/** The two hashes of RFC 9162 section 2.1.1 with SHA-256. Not thread-safe: holds one digest. */
public final class TreeHasher {
    /** The length of a hash, in bytes. */
    public static final int LENGTH = 32;

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha256;

    public TreeHasher() {
        sha256 = Sha256.create();
    }

    public byte[] leaf(byte[] entry) {
        return leaf(entry, 0, entry.length);
    }

    /** The hash of the entry in that range of bytes. */
    public byte[] leaf(byte[] bytes, int offset, int length) {
        sha256.update(LEAF);
        sha256.update(bytes, offset, length);
        return sha256.digest();
    }

    /** The hash of two subtrees. */
    public byte[] node(byte[] left, byte[] right) {
        sha256.update(NODE);
        sha256.update(left, 0, LENGTH);
        sha256.update(right, 0, LENGTH);
        return sha256.digest();
    }

    /** The hash of the tree without entries. */
    public byte[] empty() {
        return sha256.digest();
    }

    /**
     * The root over consecutive hashes, each of a complete subtree of one size; the last one may be of a smaller tree.
     *
     * @param hashes is not changed
     * @param count the number of hashes, at least one
     */
    public byte[] root(byte[] hashes, int count) {
        byte[] row = java.util.Arrays.copyOf(hashes, count * LENGTH);
        int width = count;
        while (width > 1) {
            int half = width / 2;
            for (int i = 0; i < half; i++) {
                sha256.update(NODE);
                sha256.update(row, 2 * i * LENGTH, 2 * LENGTH);
                digestInto(row, i * LENGTH);
            }
            if ((width & 1) == 1) {
                System.arraycopy(row, (width - 1) * LENGTH, row, half * LENGTH, LENGTH);
            }
            width = half + (width & 1);
        }
        return java.util.Arrays.copyOf(row, LENGTH);
    }

    private void digestInto(byte[] target, int offset) {
        try {
            sha256.digest(target, offset, LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 fills 32 bytes", e);
        }
    }
}
