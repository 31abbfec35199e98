package dev.errand.log.proof;

/** The complete subtrees of a tree, from which every root and proof of RFC 9162 is made. */
@FunctionalInterface
public interface Subtrees {
    /**
     * The hash of the complete subtree over entries {@code [index << level, (index + 1) << level)}.
     *
     * @param level 0 for a leaf
     */
    byte[] hash(int level, long index);

    /** The tree hash over entries {@code [from, to)}, {@code from < to}; the tree must split at {@code from}. */
    default byte[] range(long from, long to, TreeHasher hasher) {
        long length = to - from;
        if (Long.bitCount(length) == 1) {
            int level = Long.numberOfTrailingZeros(length);
            return hash(level, from >>> level);
        }
        long left = Long.highestOneBit(length);
        return hasher.node(range(from, from + left, hasher), range(from + left, to, hasher));
    }
}
