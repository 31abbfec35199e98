package dev.errand.log.read;

import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.read.LogReader.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records within one segment: those of one part of its index, or those that have no index.
 *
 * @param segment open for reading
 * @param firstRecord the index of the first record, counted from the start of the log
 * @param fromOffset where the first record begins in the segment, in bytes
 * @param toOffset where the last record ends; {@code Long.MAX_VALUE} for the segment's end
 * @param part the part of the index, or null
 */
record RecordRange(
        OpenSegment segment,
        long firstRecord,
        long fromOffset,
        long toOffset,
        @Nullable IndexPart part) {
    /** The same stretch without its index. */
    RecordRange plain() {
        return new RecordRange(segment, firstRecord, fromOffset, toOffset, null);
    }

    /** Reads a record, given by its number within the part. */
    Entry entry(IndexPart in, int record) throws IOException {
        return LogReader.entry(segment.path(), firstRecord + record, line(in.place(record)));
    }

    /** Whether a record, given by its number within the part, may be a decision; looks only at its first member. */
    boolean mayBeDecision(IndexPart in, int record) throws IOException {
        byte[] line = line(in.place(record));
        return !startsWith(line, KIND) || startsWith(line, DECISION);
    }

    static final byte[] KIND = LogReader.bytes("{\"kind\":\"");
    static final byte[] DECISION = LogReader.bytes("{\"kind\":\"decision\"");

    static boolean startsWith(byte[] line, byte[] start) {
        return startsWith(line, 0, line.length, start);
    }

    static boolean startsWith(byte[] line, int offset, int length, byte[] start) {
        return length >= start.length && Arrays.equals(line, offset, offset + start.length, start, 0, start.length);
    }

    /**
     * Reads a line and checks it: it must follow a newline, end with one and contain no other, since the index may be
     * wrong.
     */
    private byte[] line(IndexPart.Place place) throws IOException {
        if (place.length() > SegmentLines.MAX_LINE_BYTES) {
            throw new DamagedIndexException();
        }
        int before = place.offset() == 0 ? 0 : 1;
        ByteBuffer bytes = ByteBuffer.allocate(before + place.length());
        SegmentText text = segment.text();
        while (bytes.hasRemaining()) {
            if (text.read(bytes, place.offset() - before + bytes.position()) < 0) {
                throw new DamagedIndexException();
            }
        }
        byte[] read = bytes.array();
        if ((before == 1 && read[0] != '\n') || read[read.length - 1] != '\n') {
            throw new DamagedIndexException();
        }
        byte[] line = Arrays.copyOfRange(read, before, read.length - 1);
        for (byte one : line) {
            if (one == '\n') {
                throw new DamagedIndexException();
            }
        }
        return line;
    }

    /** Takes one scanned line: its record's index in the log, and its bytes, valid during the call. */
    @FunctionalInterface
    interface Lines {
        /** @return whether to continue */
        boolean line(long index, byte[] bytes, int offset, int length) throws IOException;
    }

    /** Reads all lines of the stretch in order. */
    void scan(Lines lines) throws IOException {
        long[] at = {firstRecord, fromOffset};
        SegmentLines.scan(segment.path(), fromOffset, (bytes, offset, length) -> {
            if (at[1] >= toOffset) {
                return false;
            }
            at[1] += length + 1;
            return lines.line(at[0]++, bytes, offset, length);
        });
    }
}
