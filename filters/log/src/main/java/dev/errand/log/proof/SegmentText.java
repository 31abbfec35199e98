package dev.errand.log.proof;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The text of one segment, open for reading: the file {@code .jsonl}, or the file {@code .jsonl.gz} that took its place. While
 * both exist, the first one counts. All offsets are in the text, so they stay the same when the segment is compressed. Not
 * thread-safe; blocks on the disk.
 */
public abstract class SegmentText implements Closeable {
    SegmentText() {}

    /**
     * Opens a segment.
     *
     * @param segment the path of its file {@code .jsonl}, which need not exist
     * @throws NoSuchFileException if the log has the segment in neither form
     */
    public static SegmentText open(Path segment) throws IOException {
        try {
            return plain(segment);
        } catch (NoSuchFileException absent) {
            try {
                return compressed(segment);
            } catch (NoSuchFileException neither) {
                throw absent;
            }
        }
    }

    /** Opens the file {@code .jsonl}. */
    public static SegmentText plain(Path segment) throws IOException {
        return new Plain(FileChannel.open(segment, StandardOpenOption.READ));
    }

    /** Opens the file {@code .jsonl.gz}. */
    public static SegmentText compressed(Path segment) throws IOException {
        return new GzipText(Segment.compressed(segment), Segment.members(segment));
    }

    /** The length of a segment's text, in bytes. */
    public static long length(Path segment) throws IOException {
        try (SegmentText text = open(segment)) {
            return text.length();
        }
    }

    /** The length of the text, in bytes. */
    public abstract long length() throws IOException;

    /**
     * Reads at least one byte from that offset on, as many as fit and are at hand.
     *
     * @return how many bytes were read; -1 at the end of the text
     * @throws UnusableLogException if a compressed segment is damaged
     */
    public abstract int read(ByteBuffer into, long offset) throws IOException;

    private static final class Plain extends SegmentText {
        private final FileChannel file;

        Plain(FileChannel file) {
            this.file = file;
        }

        @Override
        public long length() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return file.read(into, offset);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
