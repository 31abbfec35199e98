package dev.errand.sink;

import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogHead;
import io.github.resilience4j.core.IntervalFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the log's records to one sink, in their order, on a thread of its own. It reads them from the log's files:
 * records that a sink does not accept are read again later, and the position is kept in the log's directory. Delivery
 * is at least once: after a kill, up to {@value #SAVE_MILLIS} ms of records are sent again. Memory is bounded by one
 * batch. Thread-safe; {@link #wake} never blocks.
 */
public final class SinkTailer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SinkTailer.class);
    private static final int MAX_RECORDS = 256;
    private static final long MAX_BYTES = 1 << 20;
    private static final long SAVE_MILLIS = 250;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
    private static final Duration LAST_ROUNDS = Duration.ofSeconds(2);

    private final String name;
    private final From from;
    private final String sourcePrefix;
    private final FileProvenanceLog log;
    private final Path directory;
    private final Sink sink;
    private final LogTail tail;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final IntervalFunction retryMillis =
            IntervalFunction.ofExponentialRandomBackoff(FIRST_RETRY, 2, 0.5, LONGEST_RETRY);
    private volatile Status status = new Status(0, 0, 0, 0, null, Instant.now());
    private volatile long closeByNanos;
    private volatile @Nullable LogPosition at;

    // used only by the tailer's thread
    private @Nullable LogPosition saved;
    private long savedNanos;
    private int attempt;

    /** Where a sink without a saved position begins. */
    public enum From {
        /** At the first record of the log. */
        START,
        /** After the last record of the log. */
        NOW
    }

    /**
     * @param name the sink's name, also that of its position's file; letters, digits and dashes
     * @param sourcePrefix the part of a record's source before the log's instance, a URI that ends in a slash
     * @param directory the log's directory
     */
    public SinkTailer(String name, From from, String sourcePrefix, FileProvenanceLog log, Path directory, Sink sink) {
        this.name = name;
        this.from = from;
        this.sourcePrefix = sourcePrefix;
        this.log = log;
        this.directory = directory;
        this.sink = sink;
        this.tail = new LogTail(directory);
        this.thread = new Thread(this::run, "errand-sink-" + name);
        this.thread.setDaemon(true);
    }

    public String name() {
        return name;
    }

    public void start() {
        thread.start();
    }

    /** Tells the tailer that there are new records. */
    public void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** The current state of the sink. */
    public Status status() {
        // The position first: a batch is counted before the position moves, so a lag of 0 comes with all counts.
        LogPosition stands = at;
        Status last = status;
        LogHead head = log.head();
        long lag = 0;
        if (stands != null) {
            boolean same = stands.instance().equals(head.instance().value());
            lag = Math.max(0, head.size() - (same ? stands.record() : 0));
        }
        return new Status(lag, last.delivered(), last.failures(), last.missing(), last.failing(), last.since());
    }

    /**
     * Continues for up to two seconds while there are records and the sink accepts them; then ends the thread. Blocks.
     */
    @Override
    public void close() {
        closeByNanos = System.nanoTime() + LAST_ROUNDS.toNanos();
        closing.countDown();
        wake();
        try {
            thread.join(LAST_ROUNDS.toMillis() + 500);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(LAST_ROUNDS.toMillis());
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!isOver()) {
                round();
            }
        } catch (InterruptedException e) {
            LOG.debug("sink {}: interrupted", name);
        } finally {
            save(true);
            sink.close();
        }
    }

    private boolean isOver() {
        if (closing.getCount() > 0) {
            return false;
        }
        return attempt > 0 || status().lag() == 0 || System.nanoTime() - closeByNanos > 0;
    }

    private void round() throws InterruptedException {
        try {
            LogHead head = log.head();
            LogPosition here = position(head);
            at = here;
            if (here.record() >= head.size()) {
                save(true);
                idle();
                return;
            }
            LogTail.Batch batch = tail.read(here, head.size(), MAX_RECORDS, MAX_BYTES);
            if (batch.missing() > 0) {
                LOG.error("sink {}: {} records are gone from the log and were never delivered", name, batch.missing());
            }
            sink.deliver(records(here.instance(), batch.lines()));
            delivered(batch, head.size() - batch.next().record());
            at = batch.next();
            save(false);
        } catch (IOException | SinkUnavailableException | RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            failed(e);
        }
    }

    private List<SinkRecord> records(String instance, List<LogTail.Line> lines) throws SinkUnavailableException {
        List<SinkRecord> records = new ArrayList<>(lines.size());
        for (LogTail.Line line : lines) {
            records.add(SinkRecord.of(sourcePrefix + instance, line.index(), line.bytes()));
        }
        return records;
    }

    private LogPosition position(LogHead head) throws IOException {
        String instance = head.instance().value();
        LogPosition known = at;
        if (known == null) {
            Optional<LogPosition> stored = LogPosition.read(directory, name);
            if (stored.isEmpty()) {
                return from == From.START ? LogPosition.start(head.instance()) : tail.seek(instance, head.size());
            }
            known = stored.get();
            saved = known;
        }
        if (!known.instance().equals(instance)) {
            return LogPosition.start(head.instance());
        }
        if (known.record() > head.size()) {
            LOG.warn(
                    "sink {}: {} records were delivered that the log lost; it goes on behind record {}",
                    name,
                    known.record() - head.size(),
                    head.size());
            return tail.seek(instance, head.size());
        }
        return known;
    }

    private void idle() throws InterruptedException {
        if (wake.tryAcquire(1, TimeUnit.SECONDS)) {
            wake.drainPermits();
        }
    }

    private void delivered(LogTail.Batch batch, long behind) {
        Status before = status;
        if (before.failing() != null) {
            LOG.info("sink {}: delivers again, {} records behind", name, behind);
        }
        attempt = 0;
        status = new Status(
                0,
                before.delivered() + batch.lines().size(),
                before.failures(),
                before.missing() + batch.missing(),
                null,
                before.failing() == null ? before.since() : Instant.now());
    }

    private void failed(Exception e) throws InterruptedException {
        Status before = status;
        String why = e instanceof SinkUnavailableException ? String.valueOf(e.getMessage()) : e.toString();
        if (before.failing() == null) {
            LOG.warn("sink {}: does not take records, they wait in the log: {}", name, why);
        }
        attempt++;
        status = new Status(
                0,
                before.delivered(),
                before.failures() + 1,
                before.missing(),
                why,
                before.failing() == null ? Instant.now() : before.since());
        if (closing.await(retryMillis.apply(Math.min(attempt, 16)), TimeUnit.MILLISECONDS)) {
            LOG.debug("sink {}: closing, the rest follows at the next start", name);
        }
    }

    private void save(boolean now) {
        LogPosition stands = at;
        if (stands == null || stands.equals(saved)) {
            return;
        }
        if (!now && System.nanoTime() - savedNanos < TimeUnit.MILLISECONDS.toNanos(SAVE_MILLIS)) {
            return;
        }
        savedNanos = System.nanoTime();
        try {
            stands.write(directory, name);
            saved = stands;
        } catch (IOException e) {
            LOG.debug("sink {}: its position could not be saved: {}", name, e.toString());
        }
    }

    /**
     * The state of a sink.
     *
     * @param lag how many records of the log the sink does not have yet
     * @param delivered how many records this process delivered
     * @param failures how many attempts of this process failed
     * @param missing how many records were gone from the log before they could be delivered
     * @param failing why the last attempt failed, or null if it did not
     * @param since when the current state, failing or not, began
     */
    public record Status(
            long lag,
            long delivered,
            long failures,
            long missing,
            @Nullable String failing,
            Instant since) {}
}
