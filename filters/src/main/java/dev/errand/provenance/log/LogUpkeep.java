package dev.errand.provenance.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the log that this process writes, on a thread of its own: it makes the index of what a checkpoint covers, and at once and
 * hourly removes what is too old. No append waits for it. What fails is told, and tried again; nothing that it does or leaves undone
 * refuses a call. Thread-safe.
 */
public final class LogUpkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogUpkeep.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration RETENTION_EVERY = Duration.ofHours(1);
    private static final Duration RETENTION_AGAIN = Duration.ofMinutes(1);

    /** Beside the work on the index of a segment it rests so many times as long, so that a rebuilt index takes no processor. */
    private static final int REST = 4;

    private final Path directory;
    private final FileProvenanceLog log;
    private final LogIndex index;
    private final @Nullable Retention retention;
    private final Duration every;
    private final Duration retentionEvery;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    // the thread's own
    private final Set<Path> complete = new HashSet<>();
    private long seenSize = -1;
    private long retainAtNanos = System.nanoTime();
    private boolean retentionFails;
    private boolean failing;

    private LogUpkeep(
            Path directory,
            FileProvenanceLog log,
            @Nullable Retention retention,
            Duration every,
            Duration retentionEvery) {
        this.directory = directory;
        this.log = log;
        this.index = new LogIndex(directory);
        this.retention = retention;
        this.every = every;
        this.retentionEvery = retentionEvery;
        this.thread = new Thread(this::run, "errand-provenance-upkeep");
        this.thread.setDaemon(true);
    }

    /**
     * Begins.
     *
     * @param settings those that the log is written by
     * @param retain how old the youngest record of a segment must be before the segment is removed; null removes none
     * @param archive the directory where what is removed goes, below the name of the instance; null where it goes nowhere
     */
    public static LogUpkeep start(
            Path directory,
            FileProvenanceLog log,
            LogSettings settings,
            @Nullable Duration retain,
            @Nullable Path archive) {
        Archive kept = archive == null ? null : new Archive(directory, archive, log.instance());
        Retention retention = retain == null ? null : new Retention(directory, settings, retain, kept);
        return start(directory, log, retention, EVERY, RETENTION_EVERY);
    }

    static LogUpkeep start(
            Path directory,
            FileProvenanceLog log,
            @Nullable Retention retention,
            Duration every,
            Duration retentionEvery) {
        LogUpkeep upkeep = new LogUpkeep(directory, log, retention, every, retentionEvery);
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
        if (!log.isWritable()) {
            return;
        }
        try {
            retain();
            index();
            if (retentionFails) {
                return;
            }
            if (failing) {
                LOG.info("{}: index and retention go on", directory);
            }
            failing = false;
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.warn("{}: index or retention failed, and is tried again: {}", directory, e.toString());
            }
            failing = true;
        }
    }

    private void retain() throws IOException {
        Retention old = retention;
        long now = System.nanoTime();
        if (old == null || now - retainAtNanos < 0) {
            return;
        }
        retentionFails = true;
        retainAtNanos = now + Math.min(RETENTION_AGAIN.toNanos(), retentionEvery.toNanos());
        old.run();
        retentionFails = false;
        retainAtNanos = now + retentionEvery.toNanos();
    }

    private void index() throws IOException, InterruptedException {
        long size = log.head().size();
        if (size == seenSize) {
            return;
        }
        List<Path> segments = Segment.list(directory);
        for (int i = 0; i + 1 < segments.size(); i++) {
            complete(segments.get(i));
        }
        if (!segments.isEmpty()) {
            Optional<CheckpointFile> head = CheckpointFile.readIfPresent(directory);
            index.grow(
                    segments.get(segments.size() - 1),
                    head.map(file -> file.checkpoint().size()).orElse(0L));
        }
        if (complete.retainAll(segments) || seenSize < 0) {
            index.sweep();
        }
        seenSize = size;
    }

    private void complete(Path segment) throws IOException, InterruptedException {
        if (complete.contains(segment) && Files.exists(index.file(segment))) {
            return;
        }
        long began = System.nanoTime();
        try {
            index.complete(segment);
        } catch (NoSuchFileException removed) {
            return;
        }
        complete.add(segment);
        closing.await(REST * (System.nanoTime() - began), TimeUnit.NANOSECONDS);
    }

    /** Ends; what it was doing is finished first, which takes as long as the index of one segment. Blocks. */
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
