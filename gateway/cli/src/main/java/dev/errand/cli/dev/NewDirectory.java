package dev.errand.cli.dev;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The files of a directory that is still to be written. Nothing is overwritten: if one of the files exists already, none is
 * written. Used once, by one thread.
 */
final class NewDirectory {
    private final Path directory;
    private final Map<String, String> files = new LinkedHashMap<>();

    NewDirectory(Path directory) {
        this.directory = directory;
    }

    /** Adds a file, by its path below the directory. Files below {@code dev/} are readable by their owner alone. */
    NewDirectory with(String name, String content) {
        files.put(name, content);
        return this;
    }

    /** Writes all files; an {@link AgentException} names the first that is there already, or cannot be written. */
    void write() {
        for (String name : files.keySet()) {
            Path file = directory.resolve(name);
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new AgentException(
                        file + ": is there already, and nothing is overwritten; name another directory");
            }
        }
        for (Map.Entry<String, String> entry : files.entrySet()) {
            Path file = directory.resolve(entry.getKey());
            try {
                write(file, entry.getKey().startsWith("dev/"), entry.getValue());
            } catch (IOException | UnsupportedOperationException e) {
                throw new AgentException(file + ": cannot be written ("
                        + e.getClass().getSimpleName() + "); name a directory that can be made or written to");
            }
        }
    }

    private static void write(Path file, boolean secret, String content) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent());
        if (!Files.isDirectory(parent)) {
            Files.createDirectories(Objects.requireNonNull(parent.getParent()));
            try {
                Files.createDirectory(parent, mode(posix && secret, "rwx------"));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(parent)) {
                    throw e;
                }
            }
        }
        Files.createFile(file, mode(posix && secret, "rw-------"));
        Files.write(file, content.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    }

    private static FileAttribute<?>[] mode(boolean asked, String permissions) {
        return asked
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
