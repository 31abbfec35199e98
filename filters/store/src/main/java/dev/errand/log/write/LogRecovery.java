package dev.errand.log.write;

import dev.errand.log.proof.Checkpoint;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.CheckpointKeys;
import dev.errand.log.proof.RetainedNote;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.proof.Tile;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.TileTree;
import dev.errand.log.proof.TreeHasher;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a directory back to where its writer stopped. The segments are the truth. The tiles up to the checkpoint save
 * hashing all records again; they are rebuilt if they do not lead to the checkpoint's root. All records that a
 * checkpoint signed must still be there, otherwise the directory is refused: a log never signs two histories.
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

    private final Path directory;
    private final TileStore tiles;
    private final CheckpointKeys ours;
    private final TreeHasher hasher = new TreeHasher();

    LogRecovery(Path directory, TileStore tiles, CheckpointKeys ours) {
        this.directory = directory;
        this.tiles = tiles;
        this.ours = ours;
    }

    /**
     * The position at which writing continues.
     *
     * @param tree all records that are there
     * @param segment the last segment; the caller must cut off the torn part of its last line
     * @param segmentBytes its length without the torn part, in bytes
     */
    record Position(TileTree tree, Path segment, long segmentBytes) {}

    Position recover() throws IOException {
        Optional<CheckpointFile> file = CheckpointFile.readIfPresent(directory);
        if (file.isPresent()) {
            requireOurs(file.get());
        }
        Optional<Checkpoint> checkpoint = file.map(CheckpointFile::checkpoint);
        List<Path> segments = Segment.list(directory);
        long covered = checkpoint.map(Checkpoint::size).orElse(0L);
        if (checkpoint.isEmpty() && hasRecords(segments)) {
            // A checkpoint is signed before the first record is written, so one must exist.
            throw new UnusableLogException(directory + ": there are records, but no " + CheckpointFile.NAME
                    + "; bring it back, or keep the log and start in an empty directory");
        }
        if (segments.isEmpty()) {
            if (covered > 0) {
                throw lost(covered, 0);
            }
            return new Position(new TileTree(), directory.resolve(Segment.name(0)), 0);
        }
        requireKept(segments.get(0), checkpoint);
        Optional<TileTree> edge = checkpoint.flatMap(this::edge);
        if (edge.isPresent()) {
            return scan(segments, edge.get(), checkpoint, true);
        }
        return scan(segments, rest(segments.get(0)), checkpoint, false);
    }

    private static boolean hasRecords(List<Path> segments) throws IOException {
        for (Path segment : segments) {
            if (SegmentText.length(segment) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Requires our signature: whoever can write the directory can make another history of it, but cannot sign it. */
    private void requireOurs(CheckpointFile file) throws UnusableLogException {
        Optional<String> wrong = ours.verify(file.note(), file.checkpoint().origin());
        if (wrong.isPresent()) {
            throw new UnusableLogException(directory.resolve(CheckpointFile.NAME) + ": " + wrong.get()
                    + " (errand.keys); if a key was taken away, bring it back for one start; if the log was changed, keep"
                    + " it and start in an empty directory");
        }
    }

    private Optional<TileTree> edge(Checkpoint checkpoint) {
        try {
            TileTree tree = tiles.tree(checkpoint.size());
            if (Arrays.equals(tree.root(), checkpoint.rootHash())) {
                return Optional.of(tree);
            }
            LOG.warn("{}: the tiles do not lead to the checkpoint's root; they are made anew", directory);
        } catch (IOException e) {
            LOG.warn("{}: a tile is missing or damaged; all are made anew: {}", directory, e.getMessage());
        }
        return Optional.empty();
    }

    private Position scan(List<Path> segments, TileTree tree, Optional<Checkpoint> checkpoint, boolean trustTiles)
            throws IOException {
        long covered = checkpoint.map(Checkpoint::size).orElse(0L);
        int at = 0;
        for (int i = 1; trustTiles && i < segments.size(); i++) {
            at = Segment.firstIndex(segments.get(i)) <= covered ? i : at;
        }
        SegmentLines.Extent extent = new SegmentLines.Extent(0, 0, 0);
        long index = Segment.firstIndex(segments.get(at));
        for (; at < segments.size(); at++) {
            Path segment = segments.get(at);
            long first = Segment.firstIndex(segment);
            if (first != index) {
                throw new UnusableLogException(
                        segment + ": begins at record " + first + ", but " + index + " come before it");
            }
            extent = replay(segment, first, tree, checkpoint, trustTiles);
            index += extent.lines();
            if (extent.tornBytes() > 0 && at < segments.size() - 1) {
                throw new UnusableLogException(segment + ": its last line has no end, and segments follow");
            }
        }
        if (index < covered) {
            throw lost(covered, index);
        }
        Path last = segments.get(segments.size() - 1);
        if (Segment.isCompressed(last)) {
            // A compressed segment is not continued: the one behind it, which had no record yet, was removed.
            return new Position(tree, directory.resolve(Segment.name(index)), 0);
        }
        if (extent.tornBytes() > 0) {
            LOG.warn("{}: {} bytes of an unfinished last line are cut off", last, extent.tornBytes());
        }
        return new Position(tree, last, extent.completeBytes());
    }

    /** Records may be missing only if we signed that they are, by retention or by {@code errand log adopt}. */
    private void requireKept(Path segment, Optional<Checkpoint> checkpoint) throws IOException {
        long first = Segment.firstIndex(segment);
        if (first == 0) {
            return;
        }
        Optional<RetainedNote> note = RetainedNote.readIfPresent(directory);
        if (checkpoint.isEmpty() || checkpoint.get().size() < first || RetainedNote.first(note) < first) {
            throw new UnusableLogException(segment + ": the segments before it are missing; bring them back, or let"
                    + " 'errand log adopt' state what is missing");
        }
        Optional<String> wrong =
                note.orElseThrow().verify(ours, checkpoint.get().origin());
        if (wrong.isPresent()) {
            throw new UnusableLogException(directory.resolve(RetainedNote.NAME) + ": " + wrong.get());
        }
    }

    /** The tree of the removed records, from the tiles that were kept of them. */
    private TileTree rest(Path segment) throws IOException {
        long first = Segment.firstIndex(segment);
        try {
            return tiles.tree(first);
        } catch (IOException e) {
            throw new UnusableLogException(directory + ": the records before " + first
                    + " were removed, and a tile of them that proofs need is missing or damaged; bring it back: "
                    + e.getMessage());
        }
    }

    private SegmentLines.Extent replay(
            Path segment, long first, TileTree tree, Optional<Checkpoint> checkpoint, boolean trustTiles)
            throws IOException {
        long covered = checkpoint.map(Checkpoint::size).orElse(0L);
        LeafHashes known = new LeafHashes(covered);
        long[] index = {first};
        return SegmentLines.scan(segment, (bytes, offset, length) -> {
            byte[] leaf = hasher.leaf(bytes, offset, length);
            long at = index[0]++;
            if (trustTiles && at < covered) {
                if (!known.matches(at, leaf)) {
                    throw changed(segment + ":" + (at - first + 1), at);
                }
                return true;
            }
            add(tree, leaf);
            if (tree.size() == covered
                    && checkpoint.isPresent()
                    && !Arrays.equals(tree.root(), checkpoint.get().rootHash())) {
                throw changed(directory.toString(), covered - 1);
            }
            return true;
        });
    }

    private void add(TileTree tree, byte[] leaf) throws IOException {
        IOException[] failure = new IOException[1];
        tree.add(leaf, (tile, hashes) -> {
            try {
                tiles.write(tile, hashes);
            } catch (IOException e) {
                failure[0] = e;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    private UnusableLogException changed(String where, long index) {
        return new UnusableLogException(where + ": the log was changed at or before record " + index
                + ", which its checkpoint covers; see verify-log, then start in an empty directory");
    }

    private UnusableLogException lost(long covered, long found) {
        return new UnusableLogException(directory + ": the checkpoint covers " + covered + " records, " + found
                + " are there; bring the segments back, or start in an empty directory");
    }

    /** The leaf hashes in the tiles, read one tile at a time. */
    private final class LeafHashes {
        private final long size;
        private long place = -1;
        private byte[] hashes = new byte[0];

        LeafHashes(long size) {
            this.size = size;
        }

        boolean matches(long index, byte[] leaf) throws IOException {
            if (index / Tile.FULL != place) {
                place = index / Tile.FULL;
                hashes = tiles.read(new Tile(0, place, (int) Math.min(Tile.FULL, size - place * Tile.FULL)));
            }
            int from = (int) (index % Tile.FULL) * TreeHasher.LENGTH;
            return Arrays.equals(hashes, from, from + TreeHasher.LENGTH, leaf, 0, TreeHasher.LENGTH);
        }
    }
}
