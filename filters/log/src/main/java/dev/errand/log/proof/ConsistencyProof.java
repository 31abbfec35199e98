package dev.errand.log.proof;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Proves that a tree extends an earlier one of the same log (RFC 9162 section 2.1.4). */
public final class ConsistencyProof {
    private ConsistencyProof() {}

    /**
     * Makes the proof by the algorithm of section 2.1.4.1; empty from the empty tree, and from a tree to itself.
     *
     * @param earlier the size of the earlier tree
     * @param size the size of the tree, at least {@code earlier}
     */
    public static List<byte[]> of(long earlier, long size, Subtrees subtrees) {
        if (earlier < 0 || earlier > size) {
            throw new IllegalArgumentException("earlier must be 0.." + size + ", was " + earlier);
        }
        if (earlier == 0 || earlier == size) {
            return List.of();
        }
        TreeHasher hasher = new TreeHasher();
        Deque<byte[]> path = new ArrayDeque<>();
        long from = 0;
        long to = size;
        // Down to the subtree that ends where the earlier tree ends; the hashes of what lies beside come from the leaf
        // upwards.
        while (earlier < to) {
            long middle = from + Long.highestOneBit(to - from - 1);
            if (earlier <= middle) {
                path.addFirst(subtrees.range(middle, to, hasher));
                to = middle;
            } else {
                path.addFirst(subtrees.range(from, middle, hasher));
                from = middle;
            }
        }
        if (from > 0) {
            path.addFirst(subtrees.range(from, to, hasher));
        }
        return List.copyOf(path);
    }
}
