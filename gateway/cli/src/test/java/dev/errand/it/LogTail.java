package dev.errand.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The lines of a log that grows, each once; one that is not whole yet waits. Not thread-safe. */
final class LogTail {
    private final Path file;
    private long read;

    LogTail(Path file) {
        this.file = file;
    }

    /** What was written since it was last asked. */
    List<String> more() {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            log.seek(read);
            byte[] bytes = new byte[(int) (log.length() - read)];
            log.readFully(bytes);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            read += end;
            return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
