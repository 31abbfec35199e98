package dev.errand.log.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One {@code *.jsonl} file, open for appending. Other threads may call only {@link #force} and {@link #lockAgain}. */
public final class Segment implements AutoCloseable {
    public static final String SUFFIX = ".jsonl";

    private final Path path;
    private final FileChannel channel;
    private final @Nullable Object fileKey;
    private FileLock lock;
    private long lengthBytes;
    private boolean retired;

    private Segment(Path path, FileChannel channel, FileLock lock, @Nullable Object fileKey, long lengthBytes) {
        this.lock = lock;
        this.path = path;
        this.channel = channel;
        this.fileKey = fileKey;
        this.lengthBytes = lengthBytes;
    }

    /** The file's name: the index of its first record in 16 digits, so that names sort as records do. */
    public static String name(long firstIndex) {
        return String.format(Locale.ROOT, "%016d%s", firstIndex, SUFFIX);
    }

    public static long firstIndex(Path path) throws UnusableLogException {
        String name = path.getFileName().toString();
        if (!name.matches("[0-9]{16}\\.jsonl")) {
            throw new UnusableLogException(
                    path + ": not a segment of this log (its name would be 16 digits and .jsonl); move it elsewhere");
        }
        return Long.parseLong(name.substring(0, 16));
    }

    /** The segments of a log in order. */
    public static List<Path> list(Path directory) throws IOException {
        List<Path> segments = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).forEach(segments::add);
        }
        Collections.sort(segments);
        return segments;
    }

    /** @throws UnusableLogException when another process writes the file */
    public static void requireUnlocked(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            if (!LogLock.locks(channel)) {
                throw LogLock.inUse(path.resolveSibling(""));
            }
        }
    }

    /** Opens or makes the file and locks it; cuts off all bytes after {@code lengthBytes}. */
    public static Segment open(Path path, long lengthBytes) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = lock(path, channel);
            if (channel.size() > lengthBytes) {
                channel.truncate(lengthBytes);
            }
            channel.position(lengthBytes);
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return new Segment(path, channel, lock, key, lengthBytes);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static FileLock lock(Path path, FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException sameProcess) {
            // handled as when another process holds the lock
        }
        throw LogLock.inUse(path.resolveSibling(""));
    }

    /**
     * Takes the lock again: the operating system releases it whenever this process closes the file elsewhere, as every
     * reader of the log does.
     */
    public synchronized void lockAgain() throws IOException {
        if (!retired) {
            lock.release();
            lock = lock(path, channel);
        }
    }

    public Path path() {
        return path;
    }

    public @Nullable Object fileKey() {
        return fileKey;
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    /**
     * Throws an IOException unless the path still names the file that is written, with the length that it was left
     * with.
     */
    public void check() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        if (fileKey != null && !fileKey.equals(now.fileKey())) {
            throw new IOException(path + ": replaced by another file");
        }
        if (now.size() != lengthBytes) {
            throw new IOException(path + ": " + now.size() + " bytes long, was left with " + lengthBytes);
        }
    }

    /** Appends all of the bytes or, on failure, none of them. */
    public void append(ByteBuffer bytes, boolean toDisk) throws IOException {
        int length = bytes.remaining();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (toDisk) {
                channel.force(false);
            }
            lengthBytes += length;
        } catch (IOException e) {
            try {
                channel.truncate(lengthBytes);
            } catch (IOException alsoBroken) {
                e.addSuppressed(alsoBroken);
            }
            throw e;
        }
    }

    /** Forces the file to disk; does nothing after {@link #retire}, which has done so. */
    public synchronized void force() throws IOException {
        if (!retired) {
            channel.force(false);
        }
    }

    /** Forces the file to disk and closes it; the next segment follows. */
    public synchronized void retire() throws IOException {
        channel.force(false);
        retired = true;
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
