package dev.errand.agent;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files for COMMAND in a temporary folder that only this user can read, each with mode 0600. They hold the listener's
 * secrets, never a key. Closing removes them. Not thread-safe.
 */
final class PrivateFiles implements AutoCloseable {
    private @Nullable Path folder;

    /** Writes a file; a slash in its name makes folders. */
    public Path write(String name, String content) {
        return write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file; a slash in its name makes folders. */
    public Path write(String name, byte[] content) {
        try {
            Path at = folder == null ? Files.createTempDirectory("errand-agent-") : folder;
            folder = at;
            Path file = at.resolve(name);
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent, permissions(at, "rwx------"));
            }
            Files.createFile(file, permissions(at, "rw-------"));
            return Files.write(file, content);
        } catch (IOException e) {
            throw new AgentException("no temporary file can be written: " + e.getMessage());
        }
    }

    private static FileAttribute<?>[] permissions(Path at, String mode) {
        boolean posix = at.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    @Override
    public void close() {
        Path at = folder;
        folder = null;
        if (at == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(at)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            // The secrets in the files open nothing any more.
        }
    }
}
