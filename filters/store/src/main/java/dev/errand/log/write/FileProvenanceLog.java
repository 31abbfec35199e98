package dev.errand.log.write;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.loop.EndOfTurn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The log as a directory that only this process writes. One thread writes at a time (see {@link WriterLease}), in the order of
 * appending. All waiting appends go out in one write (and one fsync): by the event loop that appended if that takes
 * microseconds, otherwise by the log's own thread. When the directory cannot be written, appends fail at once and leave
 * nothing behind, and the log is opened again every {@link LogSettings#retry} until it can. Thread-safe;
 * {@link #append} does no I/O.
 */
public final class FileProvenanceLog implements ProvenanceLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileProvenanceLog.class);

    /** How many records and bytes the log's thread writes at once. */
    private static final Limits OF_THREAD = new Limits(1024, 4 << 20);

    /** How many records and bytes an event loop writes at once. */
    private static final Limits OF_LOOP = new Limits(128, 1 << 17);

    /** How many batches an event loop writes at most at the end of one turn, as others may append while it writes. */
    private static final int MAX_LOOP_BATCHES = 4;

    private static final Duration LOOK_AT_IT_EVERY = Duration.ofMillis(100);
    private static final Duration SLOW = Duration.ofMillis(20);
    private static final Duration FIRST_CAUTION = Duration.ofSeconds(1);

    private final LogSettings settings;
    private final BlockingQueue<Append> queue;
    private final Semaphore told = new Semaphore(0);
    private final WriterLease pen;
    private final Thread thread;
    private final Runnable wake;
    private final long idleMillis;
    private final Runnable writeHere = this::writeHere;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile Runnable onAppend = () -> {};

    /** A record in the queue, and the subscriber that waits for it. */
    record Append(byte[] line, MonoSink<Void> sink) {}

    private record Limits(int records, int bytes) {}

    private FileProvenanceLog(Path directory, LogSettings settings, OpenLog open, Duration idle, WriteBackoff caution) {
        this.settings = settings;
        this.idleMillis = idle.toMillis();
        this.pen = new WriterLease(directory, settings, open, caution);
        this.thread = new Thread(this::run, "errand-provenance-writer");
        this.thread.setDaemon(true);
        this.queue = new LinkedBlockingQueue<>(settings.queueCapacity());
        this.wake = this::wake;
    }

    /**
     * Opens the log in the directory, which is made if it is not there.
     *
     * @throws UnusableLogException when another process writes it, or what is in it was changed or lost
     */
    public static FileProvenanceLog open(Path directory, LogSettings settings) throws IOException {
        Duration idle = settings.retry().compareTo(LOOK_AT_IT_EVERY) < 0 ? settings.retry() : LOOK_AT_IT_EVERY;
        return open(directory, settings, idle, new WriteBackoff(SLOW, FIRST_CAUTION));
    }

    /** @param idle how often the log's thread checks the directory while nothing waits */
    static FileProvenanceLog open(Path directory, LogSettings settings, Duration idle, WriteBackoff caution)
            throws IOException {
        Files.createDirectories(directory);
        FileProvenanceLog log =
                new FileProvenanceLog(directory, settings, OpenLog.open(directory, settings, null), idle, caution);
        log.thread.start();
        return log;
    }

    /** The log's name; it changes if its directory was lost. */
    public InstanceName instance() {
        return head().instance();
    }

    /** How far the log is written: all records up to there are whole and stay. */
    public LogHead head() {
        return pen.head();
    }

    /**
     * Sets the listener that runs whenever {@link #head} moved, on the thread that wrote, and possibly on two threads
     * at once: it must not block or throw. Replaces the previous listener.
     */
    public void onAppend(Runnable listener) {
        onAppend = listener;
    }

    /**
     * {@inheritDoc} Each subscription appends once. Subscribers are completed on {@link LogSettings#completions}. A
     * subscriber that cancels does not remove its record.
     */
    @Override
    public Mono<Void> append(ProvenanceRecord record) {
        return Mono.create(sink -> {
            String why = pen.broken();
            if (closing) {
                sink.error(new LogUnavailableException("the provenance log is closed"));
            } else if (why != null) {
                sink.error(new LogUnavailableException(why));
            } else {
                enqueue(new Append(RecordJson.line(record), sink), sink);
            }
        });
    }

    private void enqueue(Append append, MonoSink<Void> sink) {
        if (!queue.offer(append)) {
            sink.error(new LogUnavailableException(
                    "the provenance log is behind: " + settings.queueCapacity() + " records wait"));
            return;
        }
        EndOfTurn turn = EndOfTurn.of(sink.contextView());
        turn.defer(turn.isHere() ? writeHere : wake);
        if (ended && queue.remove(append)) {
            sink.error(new LogUnavailableException("the provenance log is closed"));
        }
    }

    /** Wakes the log's thread if it waits. */
    private void wake() {
        if (told.availablePermits() == 0) {
            told.release();
        }
    }

    /**
     * Blocks the log's thread until there is something to write or the idle time is over; false if there is nothing.
     */
    private boolean await() {
        try {
            if (queue.isEmpty() && !closing && told.tryAcquire(idleMillis, TimeUnit.MILLISECONDS)) {
                told.drainPermits();
            }
        } catch (InterruptedException e) {
            LOG.warn("the log's thread does not stop when interrupted; close the log");
        }
        return !queue.isEmpty();
    }

    @Override
    public boolean isWritable() {
        return pen.broken() == null && !closing;
    }

    @Override
    public @Nullable String fault() {
        return pen.fault();
    }

    /** Writes what waits, signs the last checkpoint and unlocks the directory. Blocks until this is done. */
    @Override
    public void close() throws IOException {
        closing = true;
        wake();
        Sealer.join(thread);
    }

    private void run() {
        try {
            writeUntilClosed();
        } finally {
            closing = true;
            ended = true;
            List<Append> left = new ArrayList<>();
            queue.drainTo(left);
            fail(left, "the provenance log is closed");
        }
    }

    private void writeUntilClosed() {
        while (true) {
            boolean last = closing;
            boolean some = await();
            try {
                if (some) {
                    pen.take();
                    write(OF_THREAD, false);
                } else if (last) {
                    break;
                } else {
                    pen.tend();
                }
            } catch (RuntimeException bug) {
                LOG.error("the provenance log's thread goes on", bug);
            }
        }
        pen.close();
    }

    /**
     * Writes the queue on an event loop, at the end of a turn in which the loop appended. This saves waking the log's
     * thread and then the loop. It never waits: if another thread has the pen, that thread writes these records too.
     */
    private void writeHere() {
        for (int batch = 0; batch < MAX_LOOP_BATCHES; batch++) {
            if (queue.isEmpty() || !pen.tryTake()) {
                return;
            }
            if (!write(OF_LOOP, true)) {
                break;
            }
        }
        if (!queue.isEmpty()) {
            wake();
        }
    }

    /**
     * Writes a batch with the pen that the caller took, releases the pen, and completes the subscribers; false if the
     * log's thread must continue. The batch is taken while the pen is held, so that records are written in the order of
     * appending.
     */
    private boolean write(Limits limits, boolean onLoop) {
        List<Append> batch = new ArrayList<>();
        String failure = null;
        try {
            if (onLoop && !pen.isForLoops()) {
                return false;
            }
            int bytes = 0;
            while (batch.size() < limits.records() && bytes < limits.bytes()) {
                Append next = queue.poll();
                if (next == null) {
                    break;
                }
                batch.add(next);
                bytes += next.line().length;
            }
            if (!batch.isEmpty()) {
                failure = pen.write(batch, onLoop);
            }
        } finally {
            pen.letGo();
        }
        if (failure != null) {
            fail(batch, failure);
            wake();
        } else if (!batch.isEmpty()) {
            complete(batch, null);
            onAppend.run();
        }
        return failure == null;
    }

    private void fail(List<Append> batch, String why) {
        complete(batch, new LogUnavailableException(why));
    }

    private void complete(List<Append> batch, @Nullable LogUnavailableException failure) {
        try {
            settings.completions().execute(() -> batch.forEach(append -> complete(append.sink(), failure)));
        } catch (RejectedExecutionException e) {
            batch.forEach(append -> complete(append.sink(), failure));
        }
    }

    private static void complete(MonoSink<Void> sink, @Nullable LogUnavailableException failure) {
        try {
            if (failure == null) {
                sink.success();
            } else {
                sink.error(failure);
            }
        } catch (RuntimeException | Error e) {
            // Complete the other subscribers nevertheless.
            LOG.error("a subscriber of the provenance log threw", e);
        }
    }
}
