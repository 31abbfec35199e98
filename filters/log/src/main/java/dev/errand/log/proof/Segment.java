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
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One {@code *.jsonl} file, open for appending. Other threads may call only {@link #force} and {@link #lockAgain}. */
public final class Segment implements AutoCloseable {
    public static final String SUFFIX = ".jsonl";

    private static final String GZIP = ".gz";

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

    /** The segments of a log in order, each by the path of its file {@code .jsonl}, also if only the compressed one exists. */
    public static List<Path> list(Path directory) throws IOException {
        Set<Path> segments = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(Segment::isSegment).forEach(file -> {
                String name = file.getFileName().toString();
                segments.add(
                        name.endsWith(GZIP)
                                ? file.resolveSibling(name.substring(0, name.length() - GZIP.length()))
                                : file);
            });
        }
        return new ArrayList<>(segments);
    }

    static boolean isSegment(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) || name.endsWith(SUFFIX + GZIP);
    }

    /** The compressed file of a segment. */
    public static Path compressed(Path segment) {
        return segment.resolveSibling(segment.getFileName() + GZIP);
    }

    /** The table of the members of a segment's compressed file. */
    public static Path members(Path segment) {
        return segment.resolveSibling(segment.getFileName() + GZIP + ".idx");
    }

    /** Whether the log has the segment only in its compressed form. */
    public static boolean isCompressed(Path segment) {
        return !Files.exists(segment) && Files.exists(compressed(segment));
    }

    /** Whether the log has the segment, in either form. */
    public static boolean exists(Path segment) {
        return Files.exists(segment) || Files.exists(compressed(segment));
    }

    /** The files that hold the segment, in the order in which they are removed. */
    public static List<Path> files(Path segment) {
        return Files.exists(segment)
                ? List.of(segment)
                : Stream.of(members(segment), compressed(segment))
                        .filter(Files::exists)
                        .toList();
    }

    /** Deletes a segment in both forms. */
    public static void delete(Path segment) throws IOException {
        Files.deleteIfExists(segment);
        Files.deleteIfExists(members(segment));
        Files.deleteIfExists(compressed(segment));
    }

    /** @throws UnusableLogException when another process writes the file */
    public static void requireUnlocked(Path path) throws IOException {
        if (isCompressed(path)) {
            return;
        }
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
