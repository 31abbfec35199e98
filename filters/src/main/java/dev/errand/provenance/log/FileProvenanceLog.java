package dev.errand.provenance.log;

import dev.errand.loop.EndOfTurn;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.provenance.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The log as a directory of this process alone. One thread writes: all appends that wait go out in one write (and one
 * fsync). When the directory cannot be written, appends fail at once and leave nothing behind, and the log is opened
 * anew every {@link LogSettings#retry} until it can. Thread-safe; {@link #append} never blocks.
 */
public final class FileProvenanceLog implements ProvenanceLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileProvenanceLog.class);
    private static final int MAX_BATCH = 1024;
    private static final int MAX_BATCH_BYTES = 4 << 20;

    private final Path directory;
    private final LogSettings settings;
    private final WaitingAppends queue;
    private final Thread writer;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile LogHead head;
    private volatile Runnable onAppend = () -> {};
    private volatile @Nullable String broken;

    // the writer's own
    private @Nullable OpenLog open;
    private OpenLog.@Nullable Cut cut;
    private long retryAtNanos;

    /** A record on its way, and who waits for it. */
    record Append(byte[] line, MonoSink<Void> sink) {}

    private FileProvenanceLog(Path directory, LogSettings settings, OpenLog open) {
        this.directory = directory;
        this.settings = settings;
        this.open = open;
        this.head = open.head();
        this.writer = new Thread(this::run, "errand-provenance-writer");
        this.writer.setDaemon(true);
        this.queue = new WaitingAppends(settings.queueCapacity(), writer);
    }

    /**
     * Opens the log in the directory, which is made if it is not there.
     *
     * @throws UnusableLogException when another process writes it, or what is in it was changed or lost
     */
    public static FileProvenanceLog open(Path directory, LogSettings settings) throws IOException {
        Files.createDirectories(directory);
        FileProvenanceLog log = new FileProvenanceLog(directory, settings, OpenLog.open(directory, settings, null));
        log.writer.start();
        return log;
    }

    /** The log's name; another one after its directory was lost. */
    public InstanceName instance() {
        return head.instance();
    }

    /** How far it is written: the records up to there are whole and stay. */
    public LogHead head() {
        return head;
    }

    /** Runs whenever {@link #head} moved, on the thread that writes: it must not block or throw. Replaces the last one. */
    public void onAppend(Runnable listener) {
        onAppend = listener;
    }

    /**
     * {@inheritDoc} Each subscription appends once. What follows runs on {@link LogSettings#completions}; a subscriber
     * that cancels does not take its record back.
     */
    @Override
    public Mono<Void> append(ProvenanceRecord record) {
        return Mono.create(sink -> {
            String why = broken;
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
        if (!queue.offer(append, EndOfTurn.of(sink.contextView()))) {
            sink.error(new LogUnavailableException(
                    "the provenance log is behind: " + settings.queueCapacity() + " records wait"));
        } else if (ended && queue.remove(append)) {
            sink.error(new LogUnavailableException("the provenance log is closed"));
        }
    }

    @Override
    public boolean isWritable() {
        return broken == null && !closing;
    }

    /** Writes what waits, signs the last checkpoint and lets go of the directory. Blocks until then. */
    @Override
    public void close() throws IOException {
        closing = true;
        queue.wake();
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            writeUntilClosed();
        } finally {
            closing = true;
            ended = true;
            List<Append> left = new ArrayList<>();
            for (Append next = queue.poll(); next != null; next = queue.poll()) {
                left.add(next);
            }
            fail(left, "the provenance log is closed");
        }
    }

    private void writeUntilClosed() {
        List<Append> batch = new ArrayList<>(MAX_BATCH);
        while (true) {
            boolean last = closing;
            batch.clear();
            try {
                take(batch);
                if (!batch.isEmpty()) {
                    write(batch);
                } else if (last) {
                    break;
                } else {
                    idle();
                }
            } catch (RuntimeException e) {
                fail(batch, "the provenance log failed: " + e);
            }
        }
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.error("{}: closed without a last checkpoint: {}", directory, e.getMessage());
            }
        }
    }

    private void take(List<Append> batch) {
        Append next = queue.await(Math.min(100, settings.retry().toMillis()));
        int bytes = 0;
        while (next != null) {
            batch.add(next);
            bytes += next.line().length;
            next = batch.size() < MAX_BATCH && bytes < MAX_BATCH_BYTES ? queue.poll() : null;
        }
    }

    private void write(List<Append> batch) {
        OpenLog log = open;
        if (log == null) {
            fail(batch, broken == null ? "the provenance log is closed" : broken);
            return;
        }
        List<byte[]> lines = new ArrayList<>(batch.size());
        for (Append append : batch) {
            lines.add(append.line());
        }
        try {
            log.append(lines);
            head = log.head();
        } catch (IOException e) {
            broke(log, e);
            fail(batch, "the provenance log cannot be written");
            return;
        }
        complete(List.copyOf(batch), null);
        onAppend.run();
    }

    private void idle() {
        OpenLog log = open;
        if (log == null) {
            reopen();
            return;
        }
        try {
            log.check();
        } catch (IOException e) {
            broke(log, e);
        }
    }

    private void broke(OpenLog log, IOException e) {
        broken = "the provenance log cannot be written";
        LOG.error("{}: calls are refused until it can be written again: {}", directory, reason(e));
        cut = log.cut();
        open = null;
        retryAtNanos = System.nanoTime() + settings.retry().toNanos();
        try {
            log.abandon();
        } catch (IOException alreadyKnown) {
            LOG.debug("{}: {}", directory, reason(alreadyKnown));
        }
    }

    private void reopen() {
        if (System.nanoTime() - retryAtNanos < 0) {
            return;
        }
        try {
            OpenLog log = OpenLog.open(directory, settings, cut);
            if (!log.instance().equals(instance())) {
                LOG.error("{}: the log {} is gone; {} begins", directory, instance(), log.instance());
            }
            open = log;
            head = log.head();
            broken = null;
            LOG.info("{}: written again", directory);
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}: still not writable: {}", directory, reason(e));
            retryAtNanos = System.nanoTime() + settings.retry().toNanos();
        }
    }

    private static String reason(Exception e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private void fail(List<Append> batch, String why) {
        complete(List.copyOf(batch), new LogUnavailableException(why));
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
        } catch (RuntimeException e) {
            LOG.error("a subscriber of the provenance log threw", e);
        }
    }
}
