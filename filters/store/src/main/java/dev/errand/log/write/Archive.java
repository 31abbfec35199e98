package dev.errand.log.write;

import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.InstanceName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Copies files of a log before the retention removes them, into a directory that outlives the log, possibly on another
 * disk. A file is removed from the log only once its copy is on the archive's disk: a stop at any moment loses nothing
 * and leaves at most a file in both places. The gateway never reads the archive. For the process that writes the log;
 * blocks on the disk.
 */
final class Archive {
    private final Path log;
    private final Path archived;
    private final Path root;

    /**
     * @param log the log's directory
     * @param root the directory of all archived logs, each below the name of its instance; it must exist, so that an
     *     unmounted disk is noticed
     */
    Archive(Path log, Path root, InstanceName instance) {
        this.log = log;
        this.root = root;
        this.archived = root.resolve(instance.value());
    }

    /** Copies a file of the log, unless the archive has it already; on return the copy is on disk. */
    void keep(Path file) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(root + ": the archive is not there, so nothing is removed");
        }
        Path copy = archived.resolve(log.relativize(file));
        Path parent = Objects.requireNonNull(copy.getParent());
        if (Files.exists(copy) && Files.mismatch(file, copy) == -1) {
            return;
        }
        Files.createDirectories(parent);
        Path temporary = copy.resolveSibling(copy.getFileName() + DurableFile.TEMPORARY);
        try {
            Files.copy(file, temporary, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            if (Files.exists(copy)) {
                throw new IOException(copy + ": the archive has another file of this name; nothing is removed");
            }
            Files.move(temporary, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        DurableFile.forceNames(parent);
    }
}
