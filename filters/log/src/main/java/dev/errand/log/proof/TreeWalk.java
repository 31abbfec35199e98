package dev.errand.log.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads all records of a log in order, and computes the tree's root at each size that a checkpoint names. Used by one
 * thread.
 */
final class TreeWalk {
    private final TileTree tree;
    private final TreeHasher hasher = new TreeHasher();
    private final List<Path> segments = new ArrayList<>();
    private final List<Long> firsts = new ArrayList<>();
    private final TileCheck tiles;
    private final List<NamedRoot> roots = new ArrayList<>();
    private long tornBytes;

    /** A root that a checkpoint names, and the root computed from the records at its size. */
    private static final class NamedRoot {
        private final Checkpoint checkpoint;
        private byte @Nullable [] found;

        NamedRoot(Checkpoint checkpoint) {
            this.checkpoint = checkpoint;
        }

        boolean isGood() {
            return Arrays.equals(found, checkpoint.rootHash());
        }
    }

    /** @param start the tree of the removed records; empty for a whole log */
    TreeWalk(TileTree start, TileCheck tiles, List<Checkpoint> named) {
        this.tree = start;
        this.tiles = tiles;
        named.forEach(checkpoint -> roots.add(new NamedRoot(checkpoint)));
        note();
    }

    private void note() {
        for (NamedRoot root : roots) {
            if (root.checkpoint.size() == tree.size()) {
                root.found = tree.root();
            }
        }
    }

    TileTree tree() {
        return tree;
    }

    /** The bytes of an unfinished last line. */
    long tornBytes() {
        return tornBytes;
    }

    void segment(Path segment, List<String> faults) throws IOException {
        String name = segment.getFileName().toString();
        if (!name.equals(Segment.name(tree.size()))) {
            faults.add(name + ": should be " + Segment.name(tree.size())
                    + ": records before it are missing, or it is not a segment of this log");
        }
        if (tornBytes > 0) {
            faults.add(segments.get(segments.size() - 1).getFileName() + ": its last line has no end");
        }
        segments.add(segment);
        firsts.add(tree.size());
        SegmentLines.Extent extent = SegmentLines.scan(segment, (bytes, offset, length) -> {
            if (length < 2 || bytes[offset] != '{' || bytes[offset + length - 1] != '}') {
                faults.add(place(tree.size()) + ": not a record");
            }
            tree.add(hasher.leaf(bytes, offset, length), tiles::full);
            note();
            return true;
        });
        tornBytes = extent.tornBytes();
    }

    /** Whether the records lead to the root that the checkpoint names. */
    boolean leadsTo(Checkpoint checkpoint) {
        return roots.stream().filter(root -> root.checkpoint.equals(checkpoint)).allMatch(NamedRoot::isGood);
    }

    /** Compares the records with the log's head, and adds what is wrong to the faults. */
    void compare(Checkpoint head, List<String> faults) {
        if (tree.size() < head.size()) {
            faults.add("record " + tree.size() + " and all behind it: missing; the checkpoint covers " + head.size()
                    + ", the log has " + tree.size());
        }
        boolean sound = tree.size() >= head.size() && leadsTo(head);
        long wrong = tiles.firstWrongLeaf();
        if (!sound && wrong >= 0 && wrong < Math.min(tree.size(), head.size())) {
            faults.add(place(wrong) + ": record " + wrong + " is not the one that was logged here"
                    + " (changed, dropped, inserted or moved)");
        } else if (!sound && tree.size() >= head.size()) {
            faults.add("checkpoint: its root is not that of the first " + head.size()
                    + " records: forged, or records and tiles were changed together");
        }
    }

    private String place(long index) {
        int at = firsts.size() - 1;
        while (at > 0 && firsts.get(at) > index) {
            at--;
        }
        return segments.get(at).getFileName() + ":" + (index - firsts.get(at) + 1);
    }
}
