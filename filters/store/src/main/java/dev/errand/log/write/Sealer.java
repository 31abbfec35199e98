package dev.errand.log.write;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.LogLock;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.Tile;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.TileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Adds the appended records to the tree and signs its head, on a thread of its own so that appends never wait for it.
 * Each time it checks that the directory still belongs to this process alone, forces the segment to disk, writes the
 * tiles, and then the checkpoint; so a checkpoint never covers what a power cut can remove. After a failure it stops
 * for good and {@link #check} throws: the log is then opened again.
 */
final class Sealer {
    /**
     * The longest pause between two tiles. Without pauses, the tiles of one second keep a processor busy for ten
     * milliseconds.
     */
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** The pauses together take at most this fraction (1/16) of the time between two checkpoints. */
    private static final int PAUSES_PART = 16;

    private final Path directory;
    private final String origin;
    private final LogSettings settings;
    private final TileStore tiles;
    private final TileTree tree;
    private final LogLock held;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private List<byte[]> pending = new ArrayList<>();
    private @Nullable Segment segment;
    private volatile boolean closing;
    private volatile boolean forcing;
    private boolean abandoned;
    private @Nullable IOException failure;

    Sealer(Path directory, String origin, LogSettings settings, TileStore tiles, TileTree tree, LogLock held) {
        this.directory = directory;
        this.origin = origin;
        this.settings = settings;
        this.tiles = tiles;
        this.tree = tree;
        this.held = held;
        this.thread = new Thread(this::run, "errand-provenance-sealer");
        this.thread.setDaemon(true);
    }

    /** Seals the records that recovery found, then starts the thread. */
    void start(Segment current) throws IOException {
        seal(List.of(), current);
        thread.start();
    }

    /** Adds the leaf hashes of records that were written to the segment. */
    void add(List<byte[]> leaves, Segment in) {
        lock.lock();
        try {
            pending.addAll(leaves);
            segment = in;
            if (pending.size() >= settings.checkpointRecords()) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether a segment is being forced to disk. */
    boolean isForcing() {
        return forcing;
    }

    /** Throws an IOException if the last checkpoint could not be made. */
    void check() throws IOException {
        lock.lock();
        try {
            if (failure != null) {
                throw new IOException("no checkpoint could be made: " + failure.getMessage(), failure);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Seals what is left and ends the thread. */
    void close() {
        end(true);
    }

    /** Ends without touching the directory again, since its content has changed. */
    void abandon() {
        end(false);
    }

    private void end(boolean sealing) {
        lock.lock();
        try {
            closing = true;
            abandoned = !sealing;
            work.signal();
        } finally {
            lock.unlock();
        }
        join(thread);
    }

    /** Waits until the thread has ended; an interruption is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean last = false;
        while (!last) {
            List<byte[]> leaves;
            Segment in;
            lock.lock();
            try {
                last = awaitWork();
                leaves = pending;
                pending = new ArrayList<>();
                in = abandoned ? null : segment;
            } finally {
                lock.unlock();
            }
            if (leaves.isEmpty() || in == null) {
                continue;
            }
            try {
                seal(leaves, in);
            } catch (IOException | RuntimeException e) {
                lock.lock();
                try {
                    failure = e instanceof IOException io ? io : new IOException(e);
                } finally {
                    lock.unlock();
                }
                return;
            }
        }
    }

    private boolean awaitWork() {
        long nanos = settings.checkpointEvery().toNanos();
        while (!closing && pending.size() < settings.checkpointRecords() && nanos > 0) {
            try {
                nanos = work.awaitNanos(nanos);
            } catch (InterruptedException e) {
                return true;
            }
        }
        return closing;
    }

    private void seal(List<byte[]> leaves, Segment in) throws IOException {
        held.check();
        in.lockAgain();
        forcing = true;
        try {
            in.force();
        } finally {
            forcing = false;
        }
        IOException[] failed = new IOException[1];
        long pauseNanos = pauseNanos(leaves.size(), settings.checkpointEvery());
        TileTree.FullTiles writer = (tile, hashes) -> write(tile, hashes, pauseNanos, failed);
        for (byte[] leaf : leaves) {
            tree.add(leaf, writer);
        }
        tree.partials(writer);
        if (failed[0] != null) {
            throw failed[0];
        }
        CheckpointFile.write(directory, origin, tree, settings.signer().get());
    }

    /** How long to pause after each full tile if this many records are sealed at once. */
    static long pauseNanos(int records, Duration checkpointEvery) {
        long tilesDue = records / Tile.FULL + 1;
        return Math.min(MAX_PAUSE_NANOS, checkpointEvery.toNanos() / PAUSES_PART / tilesDue);
    }

    private void write(Tile tile, byte[] hashes, long pauseNanos, IOException[] failed) {
        try {
            tiles.write(tile, hashes);
        } catch (IOException e) {
            failed[0] = e;
        }
        if (tile.width() == Tile.FULL && failed[0] == null && !closing) {
            LockSupport.parkNanos(this, pauseNanos);
        }
    }
}
