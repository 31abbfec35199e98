package dev.errand.log.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One part of a segment's index: sorted hashes of terms, each with the records that name the term, and the length of
 * each record. Two terms may share a hash, so whoever finds a record must read its line. Immutable; not thread-safe, as
 * its file is not.
 *
 * <p>Big-endian: a header of {@value #HEADER_BYTES} bytes with the end and the checksum of each of 256 buckets; the
 * terms; for each {@value #BLOCK} records the offset of the first one in the stretch, and the offset of its length among
 * the lengths, 4 bytes each; the lengths. A term is the difference of its hash to that of the term before it in its
 * bucket, the count of its records, and the difference of each record to the one before. These numbers and the lengths
 * have 7 bits a byte, the lowest first; every byte but a number's last has its highest bit set.
 */
record IndexPart(FileChannel file, long at, ByteBuffer header) {
    /** The first 8 bytes; an index in another format has other ones, and is rebuilt. */
    static final long MAGIC = 0x4552524944583201L;

    static final int BUCKETS = 256;
    static final int BUCKETS_AT = 80;
    static final int CHECK_AT = BUCKETS_AT + BUCKETS * 2 * Integer.BYTES;
    static final int HEADER_BYTES = CHECK_AT + 2 * Integer.BYTES;

    /** The most records in one part. */
    static final int MAX_RECORDS = 1 << 16;

    /** How many records share an offset. */
    static final int BLOCK = 64;

    static final int BLOCK_BYTES = 2 * Integer.BYTES;

    /** The most bytes of a number. */
    static final int NUMBER_BYTES = 5;

    static int bucket(long hash) {
        return (int) (hash >>> Term.HASH_BITS - 8);
    }

    /** Appends a number that is not negative. */
    static void put(ByteBuffer to, int number) {
        int left = number;
        for (; left > 0x7F; left >>>= 7) {
            to.put((byte) (left | 0x80));
        }
        to.put((byte) left);
    }

    private static int number(ByteBuffer from) throws DamagedIndexException {
        int number = 0;
        for (int shift = 0; shift < 7 * NUMBER_BYTES && from.hasRemaining(); shift += 7) {
            byte next = from.get();
            number |= (next & 0x7F) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new DamagedIndexException();
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
        IndexPart part = new IndexPart(file, at, header);
        boolean fits = part.records() > 0
                && part.records() <= MAX_RECORDS
                && part.termBytes() >= 0
                && part.termBytes() <= part.lengthBytes() - HEADER_BYTES;
        return fits ? Optional.of(part) : Optional.empty();
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

    private int termBytes() {
        return header.getInt(68);
    }

    /**
     * The records that may name the term, in order, each counted from the part's first one.
     *
     * @throws DamagedIndexException if the bytes are not those that were written
     */
    public int[] find(Term term) throws IOException {
        long hash = term.hash(header.getLong(56));
        int bucket = bucket(hash);
        ByteBuffer terms = terms(bucket);
        long at = (long) bucket << Term.HASH_BITS - 8;
        while (terms.hasRemaining() && at <= hash) {
            at += number(terms);
            int count = number(terms);
            if (count < 1 || count > records()) {
                throw new DamagedIndexException();
            }
            int[] found = new int[at == hash ? count : 0];
            int record = 0;
            for (int i = 0; i < count; i++) {
                record += number(terms);
                if (at == hash) {
                    found[i] = record;
                }
            }
            if (at == hash) {
                return found;
            }
        }
        return new int[0];
    }

    private ByteBuffer terms(int bucket) throws IOException {
        int from = bucket == 0 ? 0 : end(bucket - 1);
        int to = end(bucket);
        if (from < 0 || to < from || to > termBytes()) {
            throw new DamagedIndexException();
        }
        ByteBuffer bytes = ByteBuffer.allocate(to - from);
        if (!fill(file, bytes, at + HEADER_BYTES + from)
                || check(bytes.array(), 0, bytes.capacity())
                        != header.getInt(BUCKETS_AT + bucket * 2 * Integer.BYTES + Integer.BYTES)) {
            throw new DamagedIndexException();
        }
        return bytes.flip();
    }

    private int end(int bucket) {
        return header.getInt(BUCKETS_AT + bucket * 2 * Integer.BYTES);
    }

    /**
     * The place of a record in the segment.
     *
     * @param record counted from the part's first one
     */
    public Place place(int record) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        long blocks = at + HEADER_BYTES + termBytes();
        if (record < 0 || record >= records() || !fill(file, block, blocks + (long) record / BLOCK * BLOCK_BYTES)) {
            throw new DamagedIndexException();
        }
        long lengths = blocks + (records() + BLOCK - 1L) / BLOCK * BLOCK_BYTES + block.getInt(Integer.BYTES);
        long left = at + lengthBytes() - lengths;
        if (block.getInt(Integer.BYTES) < 0 || left < 1) {
            throw new DamagedIndexException();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min((record % BLOCK + 1) * NUMBER_BYTES, left));
        if (!fill(file, bytes, lengths)) {
            throw new DamagedIndexException();
        }
        bytes.flip();
        long offset = block.getInt(0);
        int length = number(bytes);
        for (int i = 0; i < record % BLOCK; i++) {
            offset += length;
            length = number(bytes);
        }
        if (offset < 0 || length < 1 || offset + length > toOffset() - fromOffset()) {
            throw new DamagedIndexException();
        }
        return new Place(fromOffset() + offset, length);
    }

    /**
     * The place of a line.
     *
     * @param offset in the segment, in bytes
     * @param length in bytes, with its newline
     */
    public record Place(long offset, int length) {}
}
