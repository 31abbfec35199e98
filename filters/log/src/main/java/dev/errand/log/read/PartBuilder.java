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
    private static final int RECORD_BITS = 16;

    /** The most bytes of a term with one record: 24 bits of hash in its bucket, the count, the record. */
    private static final int MAX_TERM_BYTES = 4 + 3 + 3;

    private final long seed = new SecureRandom().nextLong();
    private final RecordScan scan = new RecordScan(this::term);
    private final long firstRecord;
    private final long fromOffset;
    /** A hash and a record that names its term, each. */
    private long[] entries = new long[1 << 14];

    private int[] lengths = new int[1 << 12];
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
        if (records == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * lengths.length);
        }
        scan.line(line, offset, length);
        long time = scan.timeMillis();
        if (time != RecordScan.NO_TIME) {
            earliest = Math.min(earliest, time);
            latest = Math.max(latest, time);
        }
        lengths[records] = length + 1;
        bytes += length + 1;
        records++;
    }

    private void term(Kind kind, byte[] value, int from, int to) {
        if (count == entries.length) {
            entries = Arrays.copyOf(entries, 2 * count);
        }
        entries[count++] = Term.hash(seed, kind, value, from, to) << RECORD_BITS | records;
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
        int blocks = (records + IndexPart.BLOCK - 1) / IndexPart.BLOCK;
        ByteBuffer part = ByteBuffer.allocate(IndexPart.HEADER_BYTES
                + count * MAX_TERM_BYTES
                + blocks * IndexPart.BLOCK_BYTES
                + records * IndexPart.NUMBER_BYTES);
        part.position(IndexPart.HEADER_BYTES);
        terms(part);
        int termBytes = part.position() - IndexPart.HEADER_BYTES;
        lengths(part, blocks);
        part.flip();
        part.putLong(IndexPart.MAGIC)
                .putLong(part.limit())
                .putLong(firstRecord)
                .putLong(fromOffset)
                .putLong(fromOffset + bytes)
                .putLong(earliest)
                .putLong(latest)
                .putLong(seed)
                .putInt(records)
                .putInt(termBytes);
        part.putInt(IndexPart.CHECK_AT, IndexPart.check(part.array(), 0, IndexPart.CHECK_AT));
        return part.rewind();
    }

    private void terms(ByteBuffer part) {
        int at = 0;
        for (int bucket = 0; bucket < IndexPart.BUCKETS; bucket++) {
            int start = part.position();
            long before = (long) bucket << Term.HASH_BITS - 8;
            while (at < count && IndexPart.bucket(entries[at] >>> RECORD_BITS) == bucket) {
                long hash = entries[at] >>> RECORD_BITS;
                IndexPart.put(part, (int) (hash - before));
                at = records(part, at);
                before = hash;
            }
            int in = IndexPart.BUCKETS_AT + bucket * 2 * Integer.BYTES;
            part.putInt(in, part.position() - IndexPart.HEADER_BYTES);
            part.putInt(in + Integer.BYTES, IndexPart.check(part.array(), start, part.position() - start));
        }
    }

    /** Appends the records of the term whose entries begin there; returns where those of the next term begin. */
    private int records(ByteBuffer part, int from) {
        long hash = entries[from] >>> RECORD_BITS;
        int to = from;
        int different = 0;
        for (; to < count && entries[to] >>> RECORD_BITS == hash; to++) {
            // A record is listed twice for one term if two of its operations are on one resource.
            different += to == from || entries[to] != entries[to - 1] ? 1 : 0;
        }
        IndexPart.put(part, different);
        int before = 0;
        for (int i = from; i < to; i++) {
            int record = (int) entries[i] & IndexPart.MAX_RECORDS - 1;
            if (i == from || record != before) {
                IndexPart.put(part, record - before);
            }
            before = record;
        }
        return to;
    }

    private void lengths(ByteBuffer part, int blocks) {
        int block = part.position();
        int from = block + blocks * IndexPart.BLOCK_BYTES;
        part.position(from);
        int offset = 0;
        for (int i = 0; i < records; i++) {
            if (i % IndexPart.BLOCK == 0) {
                part.putInt(block, offset).putInt(block + Integer.BYTES, part.position() - from);
                block += IndexPart.BLOCK_BYTES;
            }
            IndexPart.put(part, lengths[i]);
            offset += lengths[i];
        }
    }
}
