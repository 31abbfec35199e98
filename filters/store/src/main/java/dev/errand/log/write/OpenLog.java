package dev.errand.log.write;

import dev.errand.log.proof.CheckpointKeys;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.proof.LogDirectories;
import dev.errand.log.proof.LogLock;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.TreeHasher;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory while this process writes it: locked, recovered, and open at its end. Used by one thread at a time. After
 * an IOException, close it and open it again; give {@link #cut} to the next open, so that it removes what the failed
 * write left.
 */
final class OpenLog {
    private final Path directory;
    private final LogSettings settings;
    private final InstanceName instance;
    private final LogLock lock;
    private final Sealer sealer;
    private final TreeHasher hasher = new TreeHasher();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
    private Segment segment;
    private LocalDate day;
    private long size;

    private OpenLog(Path directory, LogSettings settings, LogLock lock, @Nullable Cut cut) throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.lock = lock;
        List<Path> segments = Segment.list(directory);
        if (!segments.isEmpty()) {
            Segment.requireUnlocked(segments.get(segments.size() - 1));
        }
        this.instance = InstanceName.readOrCreate(directory);
        if (cut != null) {
            cut.apply();
        }
        TileStore tiles = new TileStore(directory);
        LogRecovery.Position position = new LogRecovery(
                        directory, tiles, new CheckpointKeys(settings.ours().get()))
                .recover();
        this.size = position.tree().size();
        if (cut != null && cut.instance().equals(instance) && size < cut.size()) {
            throw new UnusableLogException(directory + ": " + cut.size() + " records were written, " + size
                    + " are there; bring the segments back");
        }
        this.segment = Segment.open(position.segment(), position.segmentBytes());
        this.day = today();
        String origin = settings.originPrefix() + "/" + instance;
        this.sealer = new Sealer(directory, origin, settings, tiles, position.tree(), lock);
        try {
            sealer.start(segment);
        } catch (IOException | RuntimeException e) {
            segment.close();
            throw e;
        }
    }

    /**
     * What to cut off before recovery: records whose append failed, but which may be in the file.
     *
     * @param instance the log that failed; a log of another name is not cut
     * @param fileKey the key of the segment's file
     * @param size how many records must still be there
     */
    record Cut(InstanceName instance, Path path, @Nullable Object fileKey, long lengthBytes, long size) {
        private void apply() throws IOException {
            if (!Files.exists(path)) {
                return;
            }
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            if (fileKey != null && fileKey.equals(key) && Files.size(path) > lengthBytes) {
                Segment.open(path, lengthBytes).close();
            }
        }
    }

    /**
     * Locks and recovers the directory, which must exist.
     *
     * @throws UnusableLogException when another process writes it, or it contradicts its checkpoint
     */
    static OpenLog open(Path directory, LogSettings settings, @Nullable Cut cut) throws IOException {
        LogDirectories.require(directory);
        LogLock lock = LogLock.take(directory);
        try {
            return new OpenLog(directory, settings, lock, cut);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    InstanceName instance() {
        return instance;
    }

    LogHead head() {
        return new LogHead(instance, size);
    }

    /**
     * Appends all of the records, or none.
     *
     * @param rotates whether to begin a new segment first
     */
    void append(List<byte[]> lines, boolean rotates) throws IOException {
        sealer.check();
        segment.check();
        if (rotates) {
            rotate();
        }
        List<byte[]> leaves = new ArrayList<>(lines.size());
        for (byte[] line : lines) {
            leaves.add(hasher.leaf(line));
        }
        segment.append(join(lines), settings.durability() == LogSettings.Durability.DISK);
        size += lines.size();
        sealer.add(leaves, segment);
    }

    /** Throws an IOException if nothing can be appended at the moment. */
    void check() throws IOException {
        sealer.check();
        segment.check();
    }

    /** Whether the next append begins a segment; the last segment is forced to disk first. */
    boolean isRotationDue() {
        return segment.lengthBytes() >= settings.segmentBytes() || (segment.lengthBytes() > 0 && !day.equals(today()));
    }

    /** Whether a checkpoint is forcing the segment to disk; a write may have to wait for this. */
    boolean isForcing() {
        return sealer.isForcing();
    }

    private void rotate() throws IOException {
        Segment full = segment;
        segment = Segment.open(directory.resolve(Segment.name(size)), 0);
        full.retire();
        DurableFile.forceNames(directory);
        day = today();
    }

    private LocalDate today() {
        return LocalDate.ofInstant(settings.clock().instant(), ZoneOffset.UTC);
    }

    private ByteBuffer join(List<byte[]> lines) {
        int length = lines.size();
        for (byte[] line : lines) {
            length += line.length;
        }
        if (length > buffer.capacity()) {
            buffer = ByteBuffer.allocateDirect(Math.max(length, 2 * buffer.capacity()));
        }
        buffer.clear();
        for (byte[] line : lines) {
            buffer.put(line).put((byte) '\n');
        }
        return buffer.flip();
    }

    /** What the next {@link #open} must cut if a write failed half-way. */
    Cut cut() {
        return new Cut(instance, segment.path(), segment.fileKey(), segment.lengthBytes(), size);
    }

    /** Closes a directory that failed, without changing it. */
    void abandon() throws IOException {
        sealer.abandon();
        try {
            segment.close();
        } finally {
            lock.close();
        }
    }

    /** Makes the last checkpoint, then unlocks the directory. */
    void close() throws IOException {
        sealer.close();
        try {
            sealer.check();
        } finally {
            segment.close();
            lock.close();
        }
    }
}
