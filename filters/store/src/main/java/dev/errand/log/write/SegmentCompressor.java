package dev.errand.log.write;

import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.GzipWriter;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.RecordScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compresses segments that have long been closed: first the compressed file is written beside the segment, and in a later round
 * the segment is removed, if both have the same text. So a reader that lists the directory meanwhile sees one of the two, and a
 * stop at any moment loses nothing. For the process that writes the log; blocks on the disk. Not thread-safe.
 */
final class SegmentCompressor {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCompressor.class);

    private final Path directory;
    private final Duration after;
    private final Clock clock;
    private final Duration retry;
    private boolean swept;
    private long workedSinceNanos;
    private long failedAtNanos;
    private @Nullable String fault;
    private @Nullable Path looked;
    private long lookedMillis;

    /**
     * @param after how long a segment must have been closed; the time of the first record behind it tells since when it is
     * @param retry how long nothing is tried after a failure
     */
    SegmentCompressor(Path directory, Duration after, Clock clock, Duration retry) {
        this.directory = directory;
        this.after = after;
        this.clock = clock;
        this.retry = retry;
    }

    /**
     * Takes one step with the oldest segment that is due: writes its compressed file, or removes the segment. Returns what failed,
     * or null.
     *
     * @param closing once it is open the work ends, and leaves nothing half-written
     */
    @Nullable String round(CountDownLatch closing) {
        if (fault != null && System.nanoTime() - failedAtNanos < retry.toNanos()) {
            return fault;
        }
        workedSinceNanos = System.nanoTime();
        try {
            if (!swept) {
                sweep();
                swept = true;
            }
            step(() -> rest(closing));
            fault = null;
        } catch (IOException | RuntimeException e) {
            fault = e.toString();
            failedAtNanos = System.nanoTime();
        }
        return fault;
    }

    /** Rests after some milliseconds of work; false if the upkeep ends. */
    private boolean rest(CountDownLatch closing) {
        try {
            long restNanos = LogUpkeep.REST * (System.nanoTime() - workedSinceNanos);
            boolean ends = closing.await(restNanos, TimeUnit.NANOSECONDS);
            workedSinceNanos = System.nanoTime();
            return !ends;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void step(BooleanSupplier goOn) throws IOException {
        List<Path> segments = Segment.list(directory);
        IOException first = null;
        for (int i = 0; i + 1 < segments.size(); i++) {
            try {
                if (Files.exists(segments.get(i)) && isLast(segments.get(i), segments.get(i + 1), goOn)) {
                    break;
                }
            } catch (NoSuchFileException removed) {
                // The next round sees the directory as it is then.
                break;
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Takes a step with the segment, if it is due; whether the round ends there, since newer ones are not due before. A segment that
     * was closed in the future by this clock says nothing of newer ones: the clock was put back.
     */
    private boolean isLast(Path segment, Path next, BooleanSupplier goOn) throws IOException {
        if (Files.exists(Segment.compressed(segment))) {
            finish(segment, goOn);
            return true;
        }
        long closed = closedMillis(next);
        if (closed != RecordScan.NO_TIME
                && closed <= clock.instant().minus(after).toEpochMilli()) {
            requireSpace(segment);
            GzipWriter.write(segment, goOn);
        }
        return closed != RecordScan.NO_TIME && closed <= clock.millis();
    }

    private void sweep() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("[0-9]{16}\\.jsonl\\.gz(\\.idx)?\\.tmp")) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The time of the first record in a segment. It is read once for the segment that is looked at in each round. */
    private long closedMillis(Path next) throws IOException {
        if (next.equals(looked)) {
            return lookedMillis;
        }
        RecordScan scan = new RecordScan((kind, bytes, from, to) -> {});
        long[] closed = {RecordScan.NO_TIME};
        SegmentLines.scan(next, (bytes, offset, length) -> {
            scan.line(bytes, offset, length);
            closed[0] = scan.timeMillis();
            return false;
        });
        if (closed[0] != RecordScan.NO_TIME) {
            looked = next;
            lookedMillis = closed[0];
        }
        return closed[0];
    }

    /** The compressed file must fit even if nothing gets smaller: it must not take the last bytes that calls need. */
    private void requireSpace(Path segment) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < 2 * Files.size(segment)) {
            throw new IOException(segment + ": not compressed, since only " + free + " bytes are free");
        }
    }

    private void finish(Path segment, BooleanSupplier goOn) throws IOException {
        try (SegmentText written = SegmentText.plain(segment);
                SegmentText compressed = SegmentText.compressed(segment)) {
            if (isSame(written, compressed, goOn)) {
                Files.delete(segment);
                DurableFile.forceNames(directory);
                return;
            }
        } catch (UnusableLogException damaged) {
            LOG.warn("{}: written again: {}", Segment.compressed(segment), damaged.getMessage());
        }
        if (goOn.getAsBoolean()) {
            GzipWriter.write(segment, goOn);
        }
    }

    private static boolean isSame(SegmentText one, SegmentText other, BooleanSupplier goOn) throws IOException {
        if (one.length() != other.length()) {
            return false;
        }
        ByteBuffer first = ByteBuffer.allocate(1 << 17);
        ByteBuffer second = ByteBuffer.allocate(1 << 17);
        for (long at = 0; at < one.length(); at += first.limit()) {
            int length = (int) Math.min(first.capacity(), one.length() - at);
            fill(first.clear().limit(length), one, at);
            fill(second.clear().limit(length), other, at);
            if (!Arrays.equals(first.array(), 0, length, second.array(), 0, length) || !goOn.getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    private static void fill(ByteBuffer into, SegmentText text, long at) throws IOException {
        while (into.hasRemaining()) {
            if (text.read(into, at + into.position()) < 0) {
                throw new IOException("a segment became shorter while it was read");
            }
        }
    }
}
