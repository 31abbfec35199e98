package dev.errand.log.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A compressed segment: gzip members (RFC 1952) of whole lines, and beside them a table that tells where each member begins. The
 * table has 16 bytes a member, big-endian: the member's offset in the file, and the offset of its text in the segment. The last
 * 16 bytes are the two lengths. A table that is missing or wrong is made from the members. Holds one member in memory. Not
 * thread-safe.
 */
final class GzipText extends SegmentText {
    /** The most text of a member that is read, in bytes: no line is longer. */
    static final int MAX_MEMBER_BYTES = SegmentLines.MAX_LINE_BYTES;

    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    private static final int ENTRY_BYTES = 2 * Long.BYTES;

    private final Path path;
    private final FileChannel file;
    private final Inflater inflater = new Inflater(true);
    private final ByteBuffer input = ByteBuffer.allocate(1 << 14);
    private Table table;
    private int member = -1;
    private byte[] text = new byte[0];
    private int textBytes;

    /**
     * The table of members.
     *
     * @param at the offset of each member in the file, and the file's length
     * @param text the offset of each member's text, and the text's length
     * @param isMade whether it was made from the members
     */
    private record Table(long[] at, long[] text, boolean isMade) {
        int last() {
            return at.length - 1;
        }
    }

    GzipText(Path path, Path members) throws IOException {
        this.path = path;
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            Table read = read(members, file.size());
            this.table = read == null ? make() : read;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The table that was written beside the members; null if it is not theirs. */
    private static @Nullable Table read(Path members, long fileBytes) throws IOException {
        ByteBuffer bytes;
        try {
            if (Files.size(members) > ENTRY_BYTES + fileBytes) {
                return null;
            }
            bytes = ByteBuffer.wrap(Files.readAllBytes(members));
        } catch (NoSuchFileException none) {
            return null;
        }
        int entries = bytes.remaining() / ENTRY_BYTES;
        if (entries < 2 || bytes.remaining() % ENTRY_BYTES != 0) {
            return null;
        }
        long[] at = new long[entries];
        long[] text = new long[entries];
        for (int i = 0; i < entries; i++) {
            at[i] = bytes.getLong();
            text[i] = bytes.getLong();
            boolean follows = i == 0 ? at[0] == 0 && text[0] == 0 : at[i] > at[i - 1] && text[i] > text[i - 1];
            if (!follows) {
                return null;
            }
        }
        return at[entries - 1] == fileBytes ? new Table(at, text, false) : null;
    }

    /** Reads all members, to find where each begins. */
    private Table make() throws IOException {
        long[] at = new long[64];
        long[] offsets = new long[64];
        int count = 0;
        while (at[count] < file.size()) {
            if (count + 1 == at.length) {
                at = Arrays.copyOf(at, 2 * at.length);
                offsets = Arrays.copyOf(offsets, at.length);
            }
            long end = inflate(at[count]);
            // A member without text is none: nobody could read a byte of it.
            if (textBytes > 0) {
                count++;
                offsets[count] = offsets[count - 1] + textBytes;
            }
            at[count] = end;
        }
        return new Table(Arrays.copyOf(at, count + 1), Arrays.copyOf(offsets, count + 1), true);
    }

    @Override
    public long length() {
        return table.text()[table.last()];
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        while (offset < length()) {
            int found = Arrays.binarySearch(table.text(), offset);
            int wanted = found >= 0 ? found : -found - 2;
            if (isLoaded(wanted)) {
                int from = (int) (offset - table.text()[wanted]);
                int count = Math.min(into.remaining(), textBytes - from);
                into.put(text, from, count);
                return count;
            }
        }
        return -1;
    }

    /** Whether the member is in memory now; false if the table was not that of the members, and was made anew. */
    private boolean isLoaded(int wanted) throws IOException {
        if (wanted == member) {
            return true;
        }
        member = -1;
        if (table.isMade()) {
            inflate(table.at()[wanted]);
        } else if (!isAsTold(wanted)) {
            table = make();
            return false;
        }
        member = wanted;
        return true;
    }

    private boolean isAsTold(int wanted) throws IOException {
        try {
            return inflate(table.at()[wanted]) == table.at()[wanted + 1]
                    && textBytes == table.text()[wanted + 1] - table.text()[wanted];
        } catch (UnusableLogException damaged) {
            return false;
        }
    }

    /** Reads the member that begins at that offset of the file; returns where it ends. */
    private long inflate(long from) throws IOException {
        fill(from, HEADER_BYTES);
        // Only the form that is written here: deflate, and no field before the data. A reader may ignore the flag of
        // text.
        if ((input.getInt() & 0xfffffffe) != 0x1f8b0800) {
            throw damaged(from, "no gzip member of a log begins here");
        }
        inflater.reset();
        long next = from + HEADER_BYTES;
        textBytes = 0;
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    input.clear();
                    int count = file.read(input, next);
                    if (count < 0) {
                        throw damaged(from, "it has no end");
                    }
                    next += count;
                    inflater.setInput(input.flip());
                }
                if (textBytes > MAX_MEMBER_BYTES) {
                    throw damaged(from, "it has more than " + MAX_MEMBER_BYTES + " bytes of text");
                }
                if (textBytes == text.length) {
                    text = Arrays.copyOf(text, Math.min(Math.max(1 << 17, 2 * text.length), MAX_MEMBER_BYTES + 1));
                }
                textBytes += inflater.inflate(text, textBytes, text.length - textBytes);
                if (inflater.needsDictionary()) {
                    throw damaged(from, "it is not deflated text");
                }
            }
        } catch (DataFormatException e) {
            throw damaged(from, "it is not deflated text");
        }
        long end = from + HEADER_BYTES + inflater.getBytesRead();
        fill(end, TRAILER_BYTES);
        if (input.order(ByteOrder.LITTLE_ENDIAN).getInt() != check(text, 0, textBytes) || input.getInt() != textBytes) {
            throw damaged(from, "its checksum is wrong");
        }
        return end + TRAILER_BYTES;
    }

    private void fill(long at, int length) throws IOException {
        input.clear().limit(length).order(ByteOrder.BIG_ENDIAN);
        while (input.hasRemaining()) {
            if (file.read(input, at + input.position()) < 0) {
                throw damaged(at, "it has no end");
            }
        }
        input.flip();
    }

    private UnusableLogException damaged(long at, String why) {
        return new UnusableLogException(path + ": the member at byte " + at + " is damaged: " + why);
    }

    static int check(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        file.close();
    }
}
