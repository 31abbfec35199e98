package dev.errand.log.proof;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Proves that an entry is at one index of a tree (RFC 9162 section 2.1.3). Immutable.
 *
 * @param index the entry's index, from 0
 * @param size the number of entries in the tree
 * @param path sibling hashes, beginning with the leaf's sibling
 */
public record InclusionProof(long index, long size, List<byte[]> path) {
    public InclusionProof {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("index must be 0.." + (size - 1) + ", was " + index);
        }
        path = List.copyOf(path);
    }

    /** Makes the proof by the algorithm of section 2.1.3.1. */
    public static InclusionProof of(long index, long size, Subtrees subtrees) {
        TreeHasher hasher = new TreeHasher();
        List<byte[]> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + Long.highestOneBit(to - from - 1);
            if (index < middle) {
                path.add(0, subtrees.range(middle, to, hasher));
                to = middle;
            } else {
                path.add(0, subtrees.range(from, middle, hasher));
                from = middle;
            }
        }
        return new InclusionProof(index, size, path);
    }

    /** Whether the leaf is in the tree with that root (section 2.1.3.2). */
    public boolean verify(byte[] leafHash, byte[] root) {
        TreeHasher hasher = new TreeHasher();
        long fn = index;
        long sn = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : path) {
            if (sn == 0 || sibling.length != TreeHasher.LENGTH) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = hasher.node(sibling, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                hash = hasher.node(hash, sibling);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && MessageDigest.isEqual(hash, root);
    }
}
