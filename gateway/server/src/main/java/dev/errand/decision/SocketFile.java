package dev.errand.decision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket that only this user may use. It is made in a directory of its own, gets its mode, and is then moved to its place, so
 * that there is no moment at which another user could connect. For one thread.
 */
final class SocketFile implements AutoCloseable {
    private final Path place;
    private final Path directory;
    private @Nullable Object made;

    private SocketFile(Path place, Path directory) {
        this.place = place;
        this.directory = directory;
    }

    /** Prepares a socket at that place; an error if something else than a socket is there. */
    static SocketFile at(Path place) throws IOException {
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)
                && !Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            throw new IOException(place + " is no socket: remove it, or name another path");
        }
        Path parent = Objects.requireNonNull(place.getParent(), "an absolute path");
        return new SocketFile(
                place,
                Files.createTempDirectory(
                        parent,
                        "e",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    }

    /** Where the socket is to be bound. */
    Path bound() {
        return directory.resolve("s");
    }

    /** Moves the bound socket to its place. */
    void publish() throws IOException {
        Files.setPosixFilePermissions(bound(), PosixFilePermissions.fromString("rw-------"));
        made = key(bound());
        Files.move(bound(), place, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(directory);
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Removes the socket, unless another process has put its own there. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(bound());
        Files.deleteIfExists(directory);
        if (made != null && Files.exists(place, LinkOption.NOFOLLOW_LINKS) && made.equals(key(place))) {
            Files.deleteIfExists(place);
        }
    }
}
