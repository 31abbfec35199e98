package dev.errand.log.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the logs in a path that a user names: one log, or a directory of logs, such as one for each replica. */
public final class LogDirectories {
    private LogDirectories() {}

    /**
     * The logs in the directory, sorted by name. Blocks on the disk.
     *
     * @throws UnusableLogException if there is none; the message says why
     */
    public static List<Path> find(Path directory) throws IOException {
        require(directory);
        if (isLog(directory)) {
            return List.of(directory);
        }
        try (Stream<Path> inner = Files.list(directory)) {
            List<Path> logs = inner.filter(Files::isDirectory)
                    .filter(LogDirectories::isLog)
                    .sorted()
                    .toList();
            if (logs.isEmpty()) {
                throw new UnusableLogException(
                        directory + ": holds no log: neither *.jsonl files nor directories of them");
            }
            return logs;
        }
    }

    /** Throws unless the directory exists and can be used. */
    public static void require(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new UnusableLogException(directory + ": not a directory");
        }
    }

    private static boolean isLog(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file ->
                    Segment.isSegment(file) || file.getFileName().toString().equals(CheckpointFile.NAME));
        } catch (IOException e) {
            return false;
        }
    }
}
