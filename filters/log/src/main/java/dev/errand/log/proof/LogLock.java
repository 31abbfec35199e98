package dev.errand.log.proof;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a log's directory: a file {@code lock} that one process holds. If somebody removes the file, another
 * process can lock a new one, so the holder checks that the file is still the one that it locked. Thread-safe.
 */
public final class LogLock implements AutoCloseable {
    private static final String NAME = "lock";

    private final Path file;
    private final FileChannel channel;
    private final @Nullable Object fileKey;

    private LogLock(Path file, FileChannel channel, @Nullable Object fileKey) {
        this.file = file;
        this.channel = channel;
        this.fileKey = fileKey;
    }

    /** @throws UnusableLogException when another process holds it */
    public static LogLock take(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (locks(channel)) {
                return new LogLock(file, channel, key(file));
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw inUse(directory);
    }

    /** Locks the channel's file; false if another channel, of this process or another one, has locked it. */
    static boolean locks(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException sameProcess) {
            return false;
        }
    }

    static UnusableLogException inUse(Path directory) {
        return new UnusableLogException(directory
                + ": another gateway writes its log here; give each replica a provenance.directory of its own");
    }

    /** Throws an IOException if the file is no longer the one that was locked. */
    public void check() throws IOException {
        try {
            Object now = key(file);
            if (fileKey == null || fileKey.equals(now)) {
                return;
            }
        } catch (NoSuchFileException removed) {
            throw new IOException(file + ": removed; another process may write here", removed);
        }
        throw new IOException(file + ": replaced by another file; another process may write here");
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
