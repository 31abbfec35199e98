package dev.errand.provenance.log;

import dev.errand.provenance.merkle.Checkpoint;
import dev.errand.provenance.merkle.TileTree;
import dev.errand.provenance.merkle.TreeHasher;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks a whole log: every record is hashed, and tiles, checkpoint and its signature must agree with the records. Reads
 * only, also a log that is being written. Memory does not grow with the records.
 */
public final class LogVerifier {
    private final Path directory;
    private final @Nullable CheckpointKeys keys;
    private final @Nullable Path seen;

    private LogVerifier(Path directory, @Nullable CheckpointKeys keys, @Nullable Path seen) {
        this.directory = directory;
        this.keys = keys;
        this.seen = seen;
    }

    /**
     * What was found.
     *
     * @param records complete lines
     * @param covered records that the checkpoint covers
     * @param origin the log's name by its checkpoint, empty if there is none
     * @param signed whether the checkpoint's signature was checked and is good
     * @param tornBytes of an unfinished last line, which the next start cuts off
     * @param faults what is wrong, the record or file first; empty for a good log
     */
    public record Report(
            long records, long covered, String origin, boolean signed, long tornBytes, List<String> faults) {
        public Report {
            faults = List.copyOf(faults);
        }
    }

    /**
     * Verifies a log.
     *
     * @param jwks keys that may have signed the checkpoint; null to leave its signature unchecked
     * @param seen a checkpoint of this log, kept from earlier, that the log must extend; or null
     * @throws IOException when files cannot be read, or the keys or the earlier checkpoint are not what they should be
     */
    public static Report verify(Path directory, @Nullable Path jwks, @Nullable Path seen) throws IOException {
        LogRecovery.require(directory);
        return new LogVerifier(directory, jwks == null ? null : CheckpointKeys.read(jwks), seen).run();
    }

    private Report run() throws IOException {
        List<String> faults = new ArrayList<>();
        Optional<CheckpointFile> file = head(faults);
        Checkpoint head = file.map(CheckpointFile::checkpoint).orElse(null);
        boolean signed = file.isPresent() && keys != null && signature(file.get(), "checkpoint", faults);
        Checkpoint earlier = earlier(head, faults);

        TileCheck tiles = new TileCheck(directory);
        TreeWalk walk = new TreeWalk(head, earlier, tiles);
        for (Path segment : Segment.list(directory)) {
            walk.segment(segment, faults);
        }
        tiles.finish(walk.tree, head == null ? 0 : head.size());
        if (head != null) {
            walk.compare(head, earlier, faults);
        }
        tiles.report(faults);
        return new Report(
                walk.tree.size(),
                head == null ? 0 : head.size(),
                head == null ? "" : head.origin(),
                signed,
                walk.tornBytes,
                faults);
    }

    private Optional<CheckpointFile> head(List<String> faults) throws IOException {
        try {
            return Optional.of(CheckpointFile.read(directory.resolve(CheckpointFile.NAME)));
        } catch (NoSuchFileException e) {
            faults.add("checkpoint: missing");
        } catch (UnusableLogException e) {
            faults.add("checkpoint: malformed: not a signed note of origin, size and root");
        }
        return Optional.empty();
    }

    private boolean signature(CheckpointFile file, String name, List<String> faults) {
        if (keys == null) {
            return false;
        }
        Optional<String> wrong = keys.verify(file.note(), file.checkpoint().origin());
        wrong.ifPresent(why -> faults.add(name + ": " + why));
        return wrong.isEmpty();
    }

    private @Nullable Checkpoint earlier(@Nullable Checkpoint head, List<String> faults) throws IOException {
        if (seen == null || head == null) {
            return null;
        }
        CheckpointFile file = CheckpointFile.read(seen);
        signature(file, seen.toString(), faults);
        Checkpoint checkpoint = file.checkpoint();
        if (!checkpoint.origin().equals(head.origin())) {
            faults.add("checkpoint: is of " + head.origin() + ", the one seen earlier of " + checkpoint.origin());
        }
        if (checkpoint.size() > head.size()) {
            faults.add("checkpoint: covers " + head.size() + " records, one seen earlier covers " + checkpoint.size()
                    + ": the log was rolled back");
        }
        return checkpoint;
    }

    /** All records in order, and the roots at the sizes that checkpoints name. */
    private static final class TreeWalk {
        private final TileTree tree = new TileTree();
        private final TreeHasher hasher = new TreeHasher();
        private final List<Path> segments = new ArrayList<>();
        private final List<Long> firsts = new ArrayList<>();
        private final TileCheck tiles;
        private final long headSize;
        private final long earlierSize;
        private byte[] headRoot;
        private byte[] earlierRoot;
        private long tornBytes;

        TreeWalk(@Nullable Checkpoint head, @Nullable Checkpoint earlier, TileCheck tiles) {
            this.tiles = tiles;
            this.headSize = head == null ? -1 : head.size();
            this.earlierSize = earlier == null ? -1 : earlier.size();
            this.headRoot = hasher.empty();
            this.earlierRoot = headRoot;
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
                if (tree.size() == headSize) {
                    headRoot = tree.root();
                }
                if (tree.size() == earlierSize) {
                    earlierRoot = tree.root();
                }
                return true;
            });
            tornBytes = extent.tornBytes();
        }

        void compare(Checkpoint head, @Nullable Checkpoint earlier, List<String> faults) {
            if (tree.size() < head.size()) {
                faults.add("record " + tree.size() + " and all behind it: missing; the checkpoint covers " + head.size()
                        + ", the log has " + tree.size());
            }
            boolean sound = tree.size() >= head.size() && Arrays.equals(headRoot, head.rootHash());
            long wrong = tiles.firstWrongLeaf();
            if (!sound && wrong >= 0 && wrong < Math.min(tree.size(), head.size())) {
                faults.add(place(wrong) + ": record " + wrong + " is not the one that was logged here"
                        + " (changed, dropped, inserted or moved)");
            } else if (!sound && tree.size() >= head.size()) {
                faults.add("checkpoint: its root is not that of the first " + head.size()
                        + " records: forged, or records and tiles were changed together");
            }
            if (earlier != null && earlier.size() <= tree.size() && !Arrays.equals(earlierRoot, earlier.rootHash())) {
                faults.add("checkpoint: the log does not extend the checkpoint seen earlier: one of its first "
                        + earlier.size() + " records was changed");
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
}
