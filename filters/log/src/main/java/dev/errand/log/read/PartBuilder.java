package dev.errand.log.read;

import dev.errand.log.read.Term.Kind;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Collects the lines of one stretch of a segment and builds the index part of the stretch. Its memory is bounded: a
 * stretch ends when {@link #isFull}. Not thread-safe.
 */
final class PartBuilder {
    /** The approximate length of a stretch, in bytes. Lines that have no index yet are scanned. */
    public static final int STRETCH_BYTES = 8 << 20;

    private static final int MAX_ENTRIES = 1 << 20;

    private final long seed = new SecureRandom().nextLong();
    private final RecordScan scan = new RecordScan(this::term);
    private final long firstRecord;
    private final long fromOffset;
    private long[] entries = new long[1 << 14];
    private int[] offsets = new int[1 << 12];
    private int count;
    private int records;
    private int bytes;
    private long earliest = Long.MAX_VALUE;
    private long latest = Long.MIN_VALUE;

    /**
     * @param firstRecord the index of the stretch's first record, counted from the start of the log
     * @param fromOffset the offset of the stretch in the segment, in bytes
     */
    public PartBuilder(long firstRecord, long fromOffset) {
        this.firstRecord = firstRecord;
        this.fromOffset = fromOffset;
    }

    /** Adds the next line, which is at that range without its newline. */
    public void line(byte[] line, int offset, int length) {
        if (records + 1 >= offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * offsets.length);
        }
        scan.line(line, offset, length);
        long time = scan.timeMillis();
        if (time != RecordScan.NO_TIME) {
            earliest = Math.min(earliest, time);
            latest = Math.max(latest, time);
        }
        bytes += length + 1;
        records++;
        offsets[records] = bytes;
    }

    private void term(Kind kind, byte[] value, int from, int to) {
        if (count == entries.length) {
            entries = Arrays.copyOf(entries, 2 * count);
        }
        entries[count++] = IndexPart.entry(Term.hash(seed, kind, value, from, to), records);
    }

    /** Whether the part must be made now. */
    public boolean isFull() {
        return bytes >= STRETCH_BYTES || records == IndexPart.MAX_RECORDS || count >= MAX_ENTRIES;
    }

    public boolean isEmpty() {
        return records == 0;
    }

    /** The part, as it is appended to the index of the segment. */
    public ByteBuffer build() {
        Arrays.sort(entries, 0, count);
        int length = IndexPart.HEADER_BYTES + count * Long.BYTES + (records + 1) * Integer.BYTES;
        ByteBuffer part = ByteBuffer.allocate(length);
        part.putLong(IndexPart.MAGIC)
                .putLong(length)
                .putLong(firstRecord)
                .putLong(fromOffset)
                .putLong(fromOffset + bytes)
                .putLong(earliest)
                .putLong(latest)
                .putLong(seed)
                .putInt(records)
                .putInt(count);
        part.position(IndexPart.HEADER_BYTES);
        for (int i = 0; i < count; i++) {
            part.putLong(entries[i]);
        }
        for (int i = 0; i <= records; i++) {
            part.putInt(offsets[i]);
        }
        buckets(part);
        part.putInt(IndexPart.CHECK_AT, IndexPart.check(part.array(), 0, IndexPart.CHECK_AT));
        return part.flip();
    }

    private void buckets(ByteBuffer part) {
        int from = 0;
        for (int bucket = 0; bucket < IndexPart.BUCKETS; bucket++) {
            int to = from;
            while (to < count && IndexPart.bucket(entries[to]) == bucket) {
                to++;
            }
            int start = IndexPart.HEADER_BYTES + from * Long.BYTES;
            int at = IndexPart.BUCKETS_AT + bucket * 2 * Integer.BYTES;
            part.putInt(at, to);
            part.putInt(at + Integer.BYTES, IndexPart.check(part.array(), start, (to - from) * Long.BYTES));
            from = to;
        }
    }
}
