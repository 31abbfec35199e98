package dev.errand.log.read;

import dev.errand.log.proof.SegmentText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One segment as a reader uses it; its file is opened when the first line is read. Of all segments of a reader one is open at a
 * time, since a compressed one holds a member in memory. Not thread-safe.
 */
final class OpenSegment implements Closeable {
    private final Path path;
    private final AtomicReference<@Nullable OpenSegment> opened;
    private @Nullable SegmentText text;

    /** @param opened the reader's segment that is open now */
    OpenSegment(Path path, AtomicReference<@Nullable OpenSegment> opened) {
        this.path = path;
        this.opened = opened;
    }

    Path path() {
        return path;
    }

    SegmentText text() throws IOException {
        SegmentText open = text;
        if (open == null) {
            OpenSegment before = opened.getAndSet(this);
            if (before != null) {
                before.close();
            }
            open = SegmentText.open(path);
            text = open;
        }
        return open;
    }

    @Override
    public void close() throws IOException {
        SegmentText open = text;
        text = null;
        if (open != null) {
            open.close();
        }
    }
}
