package dev.errand.log.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** The lines of one segment, read as a stream. */
public final class SegmentLines {
    /**
     * A longer line is no record: the longest record, of 1,000 pairs of 512 escaped characters, is several times
     * shorter.
     */
    public static final int MAX_LINE_BYTES = 32 << 20;

    private SegmentLines() {}

    /** Takes one line. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param bytes the reader's own buffer; valid during the call
         * @return whether to continue
         */
        boolean line(byte[] bytes, int offset, int length) throws IOException;
    }

    /**
     * How much was read.
     *
     * @param lines the number of complete lines, which end in a newline
     * @param completeBytes the bytes of the complete lines
     * @param tornBytes the bytes after the last newline
     */
    public record Extent(long lines, long completeBytes, long tornBytes) {}

    public static Extent scan(Path segment, Visitor visitor) throws IOException {
        return scan(segment, 0, visitor);
    }

    /**
     * As {@link #scan(Path, Visitor)}, but begins at the offset, which must be the start of a line; the extent counts
     * from there.
     */
    public static Extent scan(Path segment, long offset, Visitor visitor) throws IOException {
        byte[] buffer = new byte[1 << 18];
        int start = 0;
        int end = 0;
        long lines = 0;
        long complete = 0;
        long at = offset;
        try (SegmentText text = SegmentText.open(segment)) {
            while (true) {
                int searched = end;
                int read = text.read(ByteBuffer.wrap(buffer, end, buffer.length - end), at);
                if (read < 0) {
                    return new Extent(lines, complete, end - start);
                }
                end += read;
                at += read;
                for (int i = searched; i < end; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                        complete += i + 1 - start;
                        if (!visitor.line(buffer, start, i - start)) {
                            return new Extent(lines, complete, 0);
                        }
                        start = i + 1;
                    }
                }
                if (start > 0) {
                    System.arraycopy(buffer, start, buffer, 0, end - start);
                    end -= start;
                    start = 0;
                } else if (end == buffer.length) {
                    if (buffer.length >= MAX_LINE_BYTES) {
                        throw new UnusableLogException(
                                segment + ":" + (lines + 1) + ": a line of more than " + MAX_LINE_BYTES + " bytes");
                    }
                    buffer = Arrays.copyOf(buffer, buffer.length * 2);
                }
            }
        }
    }
}
