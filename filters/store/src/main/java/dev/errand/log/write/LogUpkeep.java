package dev.errand.log.write;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains the log that this process writes, on a thread of its own: it indexes the records that a checkpoint covers,
 * compresses closed segments, removes old records at once and then hourly, and measures the log and its disk. No append waits for it. A failure is logged at most once a minute
 * and tried again; it stops nothing else, and no call is ever refused because of the upkeep. Thread-safe.
 */
public final class LogUpkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogUpkeep.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration RETENTION_EVERY = Duration.ofHours(1);
    private static final int SIZED_EVERY_ROUNDS = 15;
    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    /**
     * After indexing some lines, or compressing a part of a segment, the thread rests this many times as long, so that calls
     * wait less for its processor.
     */
    static final int REST = 4;

    /** The longest rest between lines, so that a stall is not multiplied and {@link #close} does not wait for it. */
    private static final long MAX_REST_NANOS = Duration.ofMillis(100).toNanos();

    private final Path directory;
    private final FileProvenanceLog log;
    private final LogIndex index;
    private final @Nullable Retention retention;
    private final @Nullable SegmentCompressor compressor;
    private final Duration every;
    private final Duration retentionEvery;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable String fault;
    private volatile LogDisk disk;

    // used only by the upkeep's thread
    private final Set<Path> complete = new HashSet<>();
    private long seenSize = -1;
    private int rounds;
    private long retainedAtNanos;
    private boolean retained;
    private @Nullable String unremoved;
    private long toldNanos;

    private LogUpkeep(
            Path directory,
            FileProvenanceLog log,
            @Nullable Retention retention,
            @Nullable SegmentCompressor compressor,
            Duration every,
            Duration retentionEvery) {
        this.directory = directory;
        this.log = log;
        this.index = new LogIndex(directory);
        this.retention = retention;
        this.compressor = compressor;
        this.every = every;
        this.retentionEvery = retentionEvery;
        this.thread = new Thread(this::run, "errand-provenance-upkeep");
        this.thread.setDaemon(true);
        this.disk = new LogDisk(0, 0);
        measure();
    }

    /**
     * Starts the upkeep.
     *
     * @param settings the settings that the log is written with
     * @param retain how old the youngest record of a segment must be before the segment is removed; null removes none
     * @param archive the directory to which removed files are moved, below the name of the instance; null deletes them
     * @param compressAfter how long a segment must have been closed before it is compressed; null compresses none
     */
    public static LogUpkeep start(
            Path directory,
            FileProvenanceLog log,
            LogSettings settings,
            @Nullable Duration retain,
            @Nullable Path archive,
            @Nullable Duration compressAfter) {
        Archive kept = archive == null ? null : new Archive(directory, archive, log.instance());
        Retention retention = retain == null ? null : new Retention(directory, settings, retain, kept);
        SegmentCompressor compressor = compressAfter == null
                ? null
                : new SegmentCompressor(directory, compressAfter, settings.clock(), TOLD_EVERY);
        return start(directory, log, retention, compressor, EVERY, RETENTION_EVERY);
    }

    static LogUpkeep start(
            Path directory,
            FileProvenanceLog log,
            @Nullable Retention retention,
            @Nullable SegmentCompressor compressor,
            Duration every,
            Duration retentionEvery) {
        LogUpkeep upkeep = new LogUpkeep(directory, log, retention, compressor, every, retentionEvery);
        upkeep.thread.start();
        return upkeep;
    }

    private void run() {
        try {
            do {
                round();
            } while (!closing.await(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("{}: no further upkeep", directory);
        }
    }

    private void round() throws InterruptedException {
        measure();
        if (!log.isWritable()) {
            return;
        }
        retain();
        String unindexed = tried(this::index);
        String uncompressed = compressor == null ? null : compressor.round(closing);
        tell(unremoved != null ? unremoved : unindexed != null ? unindexed : uncompressed);
    }

    /** What is free in each round, and the size of the log in every fifteenth. */
    private void measure() {
        try {
            disk = rounds++ % SIZED_EVERY_ROUNDS == 0 ? LogDisk.measure(directory) : disk.again(directory);
        } catch (IOException unreadable) {
            LOG.debug("{}: cannot be measured: {}", directory, unreadable.toString());
        }
    }

    /** The log and its disk as they were last measured, a few seconds ago. */
    public LogDisk disk() {
        return disk;
    }

    /** A part of a round. */
    private interface Part {
        void run() throws IOException, InterruptedException;
    }

    /** Runs the part; returns why it failed, or null. */
    private static @Nullable String tried(Part part) throws InterruptedException {
        try {
            part.run();
            return null;
        } catch (IOException | RuntimeException e) {
            return e.toString();
        }
    }

    private void tell(@Nullable String now) {
        String before = fault;
        fault = now;
        if (now == null && before != null) {
            LOG.info("{}: index, compression and retention go on", directory);
        } else if (now != null && (before == null || System.nanoTime() - toldNanos >= TOLD_EVERY.toNanos())) {
            toldNanos = System.nanoTime();
            LOG.warn("{}: index, compression or retention failed, and is tried again: {}", directory, now);
        }
    }

    /** What failed in the last round; null if nothing did. */
    public @Nullable String fault() {
        return fault;
    }

    /** Removes old records when due: hourly, and every minute after a failure. */
    private void retain() throws InterruptedException {
        Retention old = retention;
        long now = System.nanoTime();
        Duration next = unremoved == null || retentionEvery.compareTo(TOLD_EVERY) < 0 ? retentionEvery : TOLD_EVERY;
        if (old == null || (retained && now - retainedAtNanos < next.toNanos())) {
            return;
        }
        retained = true;
        retainedAtNanos = now;
        unremoved = tried(old::run);
    }

    private void index() throws IOException, InterruptedException {
        long size = log.head().size();
        if (size == seenSize) {
            return;
        }
        List<Path> segments = Segment.list(directory);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i + 1 < segments.size(); i++) {
            Path closed = segments.get(i);
            parts.add(() -> complete(closed));
        }
        if (!segments.isEmpty()) {
            Path last = segments.get(segments.size() - 1);
            Optional<CheckpointFile> head = CheckpointFile.readIfPresent(directory);
            parts.add(() ->
                    index.grow(last, head.map(file -> file.checkpoint().size()).orElse(0L), resting()));
        }
        if (complete.retainAll(segments) || seenSize < 0) {
            parts.add(index::sweep);
        }
        all(parts);
        seenSize = size;
    }

    /** Runs all parts, even if one fails, and throws the first failure. */
    private static void all(List<Part> parts) throws IOException, InterruptedException {
        IOException first = null;
        for (Part part : parts) {
            try {
                part.run();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void complete(Path segment) throws IOException {
        if (complete.contains(segment) && Files.exists(index.file(segment))) {
            return;
        }
        Runnable rest = resting();
        try {
            index.complete(segment, rest);
            complete.add(segment);
        } catch (NoSuchFileException removed) {
            LOG.debug("{} was removed before it was indexed", segment);
        } finally {
            rest.run();
        }
    }

    /** Rests when it is run, for {@link #REST} times as long as the work since it last did, within bounds; not once the upkeep ends. */
    private Runnable resting() {
        long[] began = {System.nanoTime()};
        return () -> {
            if (closing.getCount() > 0) {
                LockSupport.parkNanos(this, Math.min(MAX_REST_NANOS, REST * (System.nanoTime() - began[0])));
            }
            began[0] = System.nanoTime();
        };
    }

    /** Ends the thread after its current round, without further rests. Blocks for five seconds at most. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
