package dev.errand.log.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One part of a segment's index: sorted hashes of terms, each with a record that names the term, and the offset at
 * which each record begins. Two terms may share a hash, so whoever finds a record must read its line. Immutable; not
 * thread-safe, as its file is not.
 *
 * <p>Big-endian: a header of {@value #HEADER_BYTES} bytes with the checksum of each of 256 buckets; the entries, 8
 * bytes each (47 bits of hash, 16 of record); the offset of each record in the stretch and the end of the last one, 4
 * bytes each.
 */
record IndexPart(FileChannel file, long at, ByteBuffer header) {
    /** The first 8 bytes; an index in another format has other ones, and is rebuilt. */
    static final long MAGIC = 0x4552524944583101L;

    static final int BUCKETS = 256;
    static final int BUCKETS_AT = 80;
    static final int CHECK_AT = BUCKETS_AT + BUCKETS * 2 * Integer.BYTES;
    static final int HEADER_BYTES = CHECK_AT + 2 * Integer.BYTES;

    /** The most records in one part. */
    static final int MAX_RECORDS = 1 << 16;

    static long entry(long hash, int record) {
        return hash << 16 | record;
    }

    static int bucket(long entry) {
        return (int) (entry >>> 55);
    }

    /** CRC-32C of the bytes. */
    static int check(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Reads the part that begins at this offset of the file; empty if there is no whole part. */
    static Optional<IndexPart> read(FileChannel file, long at) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        if (!fill(file, header, at)
                || header.getLong(0) != MAGIC
                || header.getInt(CHECK_AT) != check(header.array(), 0, CHECK_AT)
                || header.getLong(8) > file.size() - at) {
            return Optional.empty();
        }
        return Optional.of(new IndexPart(file, at, header));
    }

    private static boolean fill(FileChannel file, ByteBuffer into, long at) throws IOException {
        while (into.hasRemaining()) {
            if (file.read(into, at + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The length of the part in its file, in bytes. */
    long lengthBytes() {
        return header.getLong(8);
    }

    /** The index of the first record, counted from the start of the log. */
    public long firstRecord() {
        return header.getLong(16);
    }

    /** The offset in the segment where the first record begins. */
    public long fromOffset() {
        return header.getLong(24);
    }

    /** The offset in the segment where the last record ends. */
    public long toOffset() {
        return header.getLong(32);
    }

    /** The earliest time of a record in epoch milliseconds; {@code Long.MAX_VALUE} if no record has a time. */
    public long earliestMillis() {
        return header.getLong(40);
    }

    /** The latest time of a record in epoch milliseconds; {@code Long.MIN_VALUE} if no record has a time. */
    public long latestMillis() {
        return header.getLong(48);
    }

    /** How many records there are. */
    public int records() {
        return header.getInt(64);
    }

    private int entries() {
        return header.getInt(68);
    }

    /**
     * The records that may name the term, in order, each counted from the part's first one.
     *
     * @throws DamagedIndexException if the bytes are not those that were written
     */
    public int[] find(Term term) throws IOException {
        long hash = term.hash(header.getLong(56));
        int bucket = bucket(entry(hash, 0));
        int from = bucket == 0 ? 0 : end(bucket - 1);
        int to = end(bucket);
        if (from < 0 || to < from || to > entries()) {
            throw new DamagedIndexException();
        }
        ByteBuffer bytes = ByteBuffer.allocate((to - from) * Long.BYTES);
        if (!fill(file, bytes, at + HEADER_BYTES + (long) from * Long.BYTES)
                || check(bytes.array(), 0, bytes.capacity())
                        != header.getInt(BUCKETS_AT + bucket * 2 * Integer.BYTES + Integer.BYTES)) {
            throw new DamagedIndexException();
        }
        int first = lowest(bytes, entry(hash, 0));
        int end = lowest(bytes, entry(hash + 1, 0));
        int[] found = new int[end - first];
        for (int i = first; i < end; i++) {
            found[i - first] = (int) (bytes.getLong(i * Long.BYTES) & 0xFFFF);
        }
        // A record is listed twice for one term if two of its operations are on one resource.
        return Arrays.stream(found).distinct().toArray();
    }

    private int end(int bucket) {
        return header.getInt(BUCKETS_AT + bucket * 2 * Integer.BYTES);
    }

    /** The position of the first entry that is not less than the wanted one. */
    private static int lowest(ByteBuffer entries, long wanted) {
        int low = 0;
        int high = entries.capacity() / Long.BYTES;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.getLong(middle * Long.BYTES) < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * The place of a record in the segment.
     *
     * @param record counted from the part's first one
     */
    public Place place(int record) throws IOException {
        ByteBuffer two = ByteBuffer.allocate(2 * Integer.BYTES);
        long offsets = at + HEADER_BYTES + (long) entries() * Long.BYTES;
        if (record >= records() || !fill(file, two, offsets + (long) record * Integer.BYTES)) {
            throw new DamagedIndexException();
        }
        int from = two.getInt(0);
        int to = two.getInt(Integer.BYTES);
        if (from < 0 || to <= from || fromOffset() + to > toOffset()) {
            throw new DamagedIndexException();
        }
        return new Place(fromOffset() + from, to - from);
    }

    /**
     * The place of a line.
     *
     * @param offset in the segment, in bytes
     * @param length in bytes, with its newline
     */
    public record Place(long offset, int length) {}
}
