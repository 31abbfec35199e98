package dev.errand.provenance.merkle;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * That a tree begins with all of an earlier one (RFC 9162 section 2.1.4). Immutable.
 *
 * @param earlier entries of the earlier tree, at least one
 * @param size entries of the later tree
 * @param path the hashes of section 2.1.4.1
 */
public record ConsistencyProof(long earlier, long size, List<byte[]> path) {
    public ConsistencyProof {
        if (earlier < 1 || earlier > size) {
            throw new IllegalArgumentException("earlier must be 1.." + size + ", was " + earlier);
        }
        path = List.copyOf(path);
    }

    /** The proof by the algorithm of section 2.1.4.1. */
    public static ConsistencyProof of(long earlier, long size, Subtrees subtrees) {
        TreeHasher hasher = new TreeHasher();
        List<byte[]> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to != earlier) {
            long middle = from + Long.highestOneBit(to - from - 1);
            if (earlier <= middle) {
                path.add(0, subtrees.range(middle, to, hasher));
                to = middle;
            } else {
                path.add(0, subtrees.range(from, middle, hasher));
                from = middle;
            }
        }
        if (from != 0) {
            path.add(0, subtrees.range(from, to, hasher));
        }
        return new ConsistencyProof(earlier, size, path);
    }

    /** Whether the tree of the later root begins with the tree of the earlier one (section 2.1.4.2). */
    public boolean verify(byte[] earlierRoot, byte[] root) {
        if (earlier == size) {
            return path.isEmpty() && MessageDigest.isEqual(earlierRoot, root);
        }
        List<byte[]> hashes = new ArrayList<>(path);
        if (Long.bitCount(earlier) == 1) {
            hashes.add(0, earlierRoot);
        }
        if (hashes.isEmpty()) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long fn = earlier - 1;
        long sn = size - 1;
        while ((fn & 1) == 1) {
            fn >>>= 1;
            sn >>>= 1;
        }
        byte[] fr = hashes.get(0);
        byte[] sr = fr;
        for (byte[] hash : hashes.subList(1, hashes.size())) {
            if (sn == 0 || hash.length != TreeHasher.LENGTH) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                fr = hasher.node(hash, fr);
                sr = hasher.node(hash, sr);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                sr = hasher.node(sr, hash);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && MessageDigest.isEqual(fr, earlierRoot) && MessageDigest.isEqual(sr, root);
    }
}
