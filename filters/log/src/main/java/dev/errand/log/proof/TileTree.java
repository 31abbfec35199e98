package dev.errand.log.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The right edge of a growing tree, kept as one partial tile of at most 255 hashes for each level. Needs 8 KiB for each
 * level, whatever the tree's size. Not thread-safe.
 */
public final class TileTree {
    /** Takes each tile as it becomes full. */
    @FunctionalInterface
    public interface FullTiles {
        /** @param hashes 8,192 bytes; the receiver may keep the array */
        void full(Tile tile, byte[] hashes);
    }

    private final TreeHasher hasher = new TreeHasher();
    private final List<byte[]> edges = new ArrayList<>();
    private long size;

    /** The empty tree. */
    public TileTree() {}

    /**
     * The tree of that size with the given right edge.
     *
     * @param edges the partial tile of each level, empty if its width is 0
     */
    public static TileTree of(long size, List<byte[]> edges) {
        TileTree tree = new TileTree();
        tree.size = size;
        for (byte[] edge : edges) {
            tree.edges.add(Arrays.copyOf(edge, Tile.FULL_BYTES));
        }
        return tree;
    }

    /** The number of levels in a tree of that size. */
    public static int levels(long size) {
        int levels = 0;
        for (long rest = size; rest > 0; rest >>>= 8) {
            levels++;
        }
        return levels;
    }

    /** The number of hashes in the partial tile of that level, in a tree of that size. */
    public static int width(long size, int level) {
        return (int) (size >>> (8 * level)) & 255;
    }

    public long size() {
        return size;
    }

    /** Appends a leaf's hash. */
    public void add(byte[] leafHash, FullTiles tiles) {
        byte[] hash = leafHash;
        for (int level = 0; ; level++) {
            if (edges.size() == level) {
                edges.add(new byte[Tile.FULL_BYTES]);
            }
            byte[] edge = edges.get(level);
            int width = width(size, level);
            System.arraycopy(hash, 0, edge, width * TreeHasher.LENGTH, TreeHasher.LENGTH);
            if (width < Tile.FULL - 1) {
                break;
            }
            tiles.full(new Tile(level, size >>> (8 * (level + 1)), Tile.FULL), edge.clone());
            hash = hasher.root(edge, Tile.FULL);
        }
        size++;
    }

    /** The current root of the tree. */
    public byte[] root() {
        byte[] rest = null;
        for (int level = 0; level < edges.size(); level++) {
            int width = width(size, level);
            if (rest == null) {
                rest = width == 0 ? null : hasher.root(edges.get(level), width);
            } else if (width > 0) {
                byte[] row = Arrays.copyOf(edges.get(level), (width + 1) * TreeHasher.LENGTH);
                System.arraycopy(rest, 0, row, width * TreeHasher.LENGTH, TreeHasher.LENGTH);
                rest = hasher.root(row, width + 1);
            }
        }
        return rest == null ? hasher.empty() : rest;
    }

    /** Passes on the partial tile of each level that has one, cut to its width. */
    public void partials(FullTiles tiles) {
        for (int level = 0; level < edges.size(); level++) {
            int width = width(size, level);
            if (width > 0) {
                Tile tile = new Tile(level, size >>> (8 * (level + 1)), width);
                tiles.full(tile, Arrays.copyOf(edges.get(level), width * TreeHasher.LENGTH));
            }
        }
    }
}
