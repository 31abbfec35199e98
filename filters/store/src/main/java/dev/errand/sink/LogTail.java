package dev.errand.sink;

import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the lines of a log from a position on, across its segments, also while it is written. Keeps no file open
 * between two calls. Immutable and thread-safe; blocks on the disk.
 */
record LogTail(Path directory) {
    /**
     * One record.
     *
     * @param index its index in the log, from 0
     * @param bytes the exact line without its newline
     */
    public record Line(long index, byte[] bytes) {}

    /**
     * Consecutive records.
     *
     * @param next where the next read begins
     * @param missing how many records before these are gone from the directory
     */
    public record Batch(List<Line> lines, LogPosition next, long missing) {
        public Batch {
            lines = List.copyOf(lines);
        }
    }

    /**
     * The position before a record, found by counting. If the record is missing, the position before the next record.
     */
    public LogPosition seek(String instance, long record) throws IOException {
        List<Path> segments = Segment.list(directory);
        Path holds = null;
        for (Path segment : segments) {
            if (holds == null || Segment.firstIndex(segment) <= record) {
                holds = segment;
            }
        }
        if (holds == null) {
            return new LogPosition(instance, 0, 0, 0);
        }
        long first = Segment.firstIndex(holds);
        if (first >= record) {
            return new LogPosition(instance, first, first, 0);
        }
        long[] left = {record - first};
        SegmentLines.Extent before = SegmentLines.scan(holds, (bytes, offset, length) -> --left[0] > 0);
        return new LogPosition(instance, first + before.lines(), first, before.completeBytes());
    }

    /**
     * The records from the position on.
     *
     * @param size how many records the log holds; later lines are not read, since the writer may still remove them
     * @param maxLines the most lines of the batch
     * @param maxBytes once this many bytes are read, no further line is read
     */
    public Batch read(LogPosition from, long size, int maxLines, long maxBytes) throws IOException {
        LogPosition at = from;
        if (!isLineStart(at)) {
            at = seek(from.instance(), from.record());
        }
        long missing = Math.max(0, at.record() - from.record());
        List<Line> lines = new ArrayList<>();
        long[] bytes = {0};
        while (at.record() < size && lines.size() < maxLines && bytes[0] < maxBytes) {
            long[] index = {at.record()};
            SegmentLines.Extent read = SegmentLines.scan(segment(at), at.offset(), (buffer, offset, length) -> {
                lines.add(new Line(index[0]++, Arrays.copyOfRange(buffer, offset, offset + length)));
                bytes[0] += length;
                return index[0] < size && lines.size() < maxLines && bytes[0] < maxBytes;
            });
            if (read.lines() > 0) {
                at = new LogPosition(
                        at.instance(), at.record() + read.lines(), at.segment(), at.offset() + read.completeBytes());
            } else if (at.offset() > 0 && Segment.exists(directory.resolve(Segment.name(at.record())))) {
                at = new LogPosition(at.instance(), at.record(), at.record(), 0);
            } else {
                throw new UnusableLogException(directory + ": record " + at.record() + " is missing");
            }
        }
        return new Batch(lines, at, missing);
    }

    private Path segment(LogPosition at) {
        return directory.resolve(Segment.name(at.segment()));
    }

    private boolean isLineStart(LogPosition at) throws IOException {
        Path segment = segment(at);
        if (at.offset() <= 0) {
            return Segment.exists(segment) && at.offset() == 0 && at.record() == at.segment();
        }
        try (SegmentText text = SegmentText.open(segment)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return text.read(last, at.offset() - 1) == 1 && last.get(0) == '\n';
        } catch (NoSuchFileException removed) {
            return false;
        }
    }
}
