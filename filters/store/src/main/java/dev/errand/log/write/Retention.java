package dev.errand.log.write;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.CheckpointKeys;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.Retained;
import dev.errand.log.proof.RetainedNote;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.Tile;
import dev.errand.log.proof.TileTree;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.LogIndex;
import dev.errand.log.read.RecordScan;
import dev.errand.log.read.SegmentIndex;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the oldest segments of a log once all of their records are older than a bound, by the records' own times.
 * With an archive, segments are copied there first; if that fails, nothing is removed. Then a signed note says which
 * record is the first that is kept. Then segments are removed, the oldest first, and then the tiles that no proof of a
 * kept record needs. So the rest verifies wherever the process is stopped. The segment that is being written always
 * stays, and so does a segment with a record whose time cannot be read. Tiles that the next proof to a witness needs
 * stay, too. For the process that writes the log; blocks on
 * the disk.
 *
 * @param age how old the youngest record of a segment must be
 * @param archive where segments and tiles are copied before they are removed; null for no copy
 */
record Retention(
        Path directory,
        LogSettings settings,
        Duration age,
        @Nullable Archive archive) {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    /** Removes the records that are too old now. */
    void run() throws IOException {
        Optional<CheckpointFile> head = CheckpointFile.readIfPresent(directory);
        List<Path> segments = Segment.list(directory);
        if (head.isEmpty() || segments.size() < 2) {
            return;
        }
        long first = firstKept(segments, head.get().checkpoint().size());
        if (first > Segment.firstIndex(segments.get(0))) {
            for (Path segment : segments) {
                if (Segment.firstIndex(segment) < first) {
                    for (Path file : Segment.files(segment)) {
                        archived(file);
                    }
                }
            }
            state(head.get(), first);
            long records = first - Segment.firstIndex(segments.get(0));
            remove(segments, first);
            LOG.info(
                    "{}: {} records older than {} {}; the log is kept from record {}",
                    directory,
                    records,
                    age,
                    archive == null ? "removed" : "moved to the archive",
                    first);
        }
        removeTiles(Math.min(
                RetainedNote.first(RetainedNote.readIfPresent(directory)), new WitnessSizes(directory).firstNeeded()));
    }

    private void archived(Path file) throws IOException {
        if (archive != null) {
            archive.keep(file);
        }
    }

    /**
     * The first record to keep. Only segments that a checkpoint covers wholly, and that another one follows, are
     * removed.
     */
    private long firstKept(List<Path> segments, long covered) throws IOException {
        long bound = settings.clock().instant().minus(age).toEpochMilli();
        long first = Segment.firstIndex(segments.get(0));
        for (int i = 0; i + 1 < segments.size(); i++) {
            long next = Segment.firstIndex(segments.get(i + 1));
            if (next > covered || !isOlder(segments.get(i), bound)) {
                break;
            }
            first = next;
        }
        return first;
    }

    /**
     * Whether all records of the segment are older. Reads its lines, not its index, since a removal cannot be undone.
     */
    static boolean isOlder(Path segment, long boundMillis) throws IOException {
        RecordScan scan = new RecordScan((kind, bytes, from, to) -> {});
        boolean[] older = {true};
        long[] at = {Segment.firstIndex(segment)};
        SegmentLines.scan(segment, (bytes, offset, length) -> {
            scan.line(bytes, offset, length);
            if (scan.timeMillis() == RecordScan.NO_TIME) {
                LOG.warn("{}: record {} tells no time, so the segment and all behind it are kept", segment, at[0]);
                older[0] = false;
            } else if (scan.timeMillis() >= boundMillis) {
                older[0] = false;
            }
            at[0]++;
            return older[0];
        });
        return older[0];
    }

    private void state(CheckpointFile head, long first) throws IOException {
        CheckpointKeys ours = new CheckpointKeys(settings.ours().get());
        Optional<String> wrong = ours.verify(head.note(), head.checkpoint().origin());
        if (wrong.isPresent()) {
            throw new UnusableLogException(directory.resolve(CheckpointFile.NAME) + ": " + wrong.get());
        }
        Optional<RetainedNote> before = RetainedNote.readIfPresent(directory);
        if (RetainedNote.first(before) < first) {
            RetainedNote.write(
                    directory,
                    new Retained(head.checkpoint(), first),
                    settings.signer().get());
        }
    }

    private void remove(List<Path> segments, long first) throws IOException {
        LogIndex index = new LogIndex(directory);
        for (Path segment : segments) {
            if (Segment.firstIndex(segment) < first) {
                Segment.delete(segment);
                removeIndex(index.file(segment));
            }
        }
        DurableFile.forceNames(directory);
    }

    /** Removes an index. If this fails, its segment is removed nevertheless, since an index holds no record. */
    private void removeIndex(Path index) {
        try {
            SegmentIndex.remove(index);
        } catch (IOException stays) {
            LOG.warn("{}: the index of a segment that was removed stays: {}", index, stays.toString());
        }
    }

    /**
     * Removes tiles in rising order: after a stop, the rest is consecutive, directly below the first tile that is
     * needed.
     */
    private void removeTiles(long first) throws IOException {
        for (int level = 0; level < TileTree.levels(first); level++) {
            long end = Retained.lowestTile(first, level);
            long lowest = end;
            while (lowest > 0 && Files.exists(file(level, lowest - 1))) {
                lowest--;
            }
            for (long index = lowest; index < end; index++) {
                Path tile = file(level, index);
                archived(tile);
                Files.deleteIfExists(tile);
                removeIfEmpty(Objects.requireNonNull(tile.getParent()), level);
            }
        }
    }

    private Path file(int level, long index) {
        return directory.resolve(new Tile(level, index, Tile.FULL).path());
    }

    private void removeIfEmpty(Path parent, int level) throws IOException {
        if (parent.equals(directory.resolve("tile").resolve(String.valueOf(level)))) {
            return;
        }
        try {
            Files.deleteIfExists(parent);
        } catch (DirectoryNotEmptyException others) {
            LOG.trace("{}: holds other tiles", parent);
        }
    }
}
