package dev.errand.log.read;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One segment as a reader uses it; its file is opened when the first line is read. Not thread-safe. */
final class OpenSegment implements Closeable {
    private final Path path;
    private @Nullable FileChannel channel;

    OpenSegment(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = FileChannel.open(path, StandardOpenOption.READ);
            channel = open;
        }
        return open;
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        if (open != null) {
            open.close();
        }
    }
}
