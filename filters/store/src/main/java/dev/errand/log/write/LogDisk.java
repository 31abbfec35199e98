package dev.errand.log.write;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The disk of the log.
 *
 * @param logBytes the size of all files of the log
 * @param freeBytes what this process may still write there
 */
public record LogDisk(long logBytes, long freeBytes) {
    /** Measures it, which blocks. */
    static LogDisk measure(Path directory) throws IOException {
        long[] bytes = {0};
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException removed) {
                return FileVisitResult.CONTINUE;
            }
        });
        return new LogDisk(bytes[0], free(directory));
    }

    /** The same log with what is free now. */
    LogDisk again(Path directory) throws IOException {
        return new LogDisk(logBytes, free(directory));
    }

    private static long free(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }
}
