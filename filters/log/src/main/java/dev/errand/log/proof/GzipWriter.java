package dev.errand.log.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.zip.Deflater;

/**
 * Writes the compressed form of one closed segment: each gzip member has whole lines of at most {@value #MEMBER_BYTES} bytes, or
 * one longer line. The same text gives the same bytes: a header has no time and no name, and the level is fixed. Used once, by
 * one thread; blocks on the disk.
 */
public final class GzipWriter {
    /**
     * The most text of a member. A larger one is compressed a little better, but a look-up inflates a whole member for one record.
     */
    private static final int MEMBER_BYTES = 1 << 18;

    private static final int LEVEL = 6;
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Path segment;
    private final FileChannel out;
    private final BooleanSupplier goOn;
    private final Deflater deflater = new Deflater(LEVEL, true);
    private final byte[] deflated = new byte[1 << 16];
    private final ByteArrayOutputStream table = new ByteArrayOutputStream();
    private byte[] lines = new byte[MEMBER_BYTES];
    private int lineBytes;
    private long textBytes;
    private long outBytes;

    private GzipWriter(Path segment, FileChannel out, BooleanSupplier goOn) {
        this.segment = segment;
        this.out = out;
        this.goOn = goOn;
    }

    /**
     * Writes the compressed form beside the segment. Its name appears once it is whole and on disk.
     *
     * @param segment the file {@code .jsonl}, which is not changed
     * @param goOn asked after each member; false gives up, and nothing is left behind
     * @return whether it was written
     * @throws UnusableLogException if the last line has no end
     */
    public static boolean write(Path segment, BooleanSupplier goOn) throws IOException {
        Path gzip = Segment.compressed(segment);
        Path temporary = gzip.resolveSibling(gzip.getFileName() + DurableFile.TEMPORARY);
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            GzipWriter writer = new GzipWriter(segment, out, goOn);
            if (writer.isWritten()) {
                out.force(true);
                DurableFile.write(Segment.members(segment), writer.table.toByteArray());
                Files.move(temporary, gzip, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                DurableFile.forceNames(Objects.requireNonNull(gzip.getParent()));
                return true;
            }
            return false;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private boolean isWritten() throws IOException {
        boolean[] on = {true};
        try {
            SegmentLines.Extent extent = SegmentLines.scan(segment, (bytes, offset, length) -> {
                if (lineBytes > 0 && lineBytes + length + 1 > MEMBER_BYTES) {
                    member();
                    on[0] = goOn.getAsBoolean();
                }
                if (on[0]) {
                    add(bytes, offset, length);
                }
                return on[0];
            });
            if (extent.tornBytes() > 0) {
                throw new UnusableLogException(segment + ": its last line has no end, so it is not compressed");
            }
            if (on[0]) {
                member();
                entry();
            }
            return on[0];
        } finally {
            deflater.end();
        }
    }

    private void add(byte[] bytes, int offset, int length) {
        if (lineBytes + length + 1 > lines.length) {
            lines = Arrays.copyOf(lines, lineBytes + length + 1);
        }
        System.arraycopy(bytes, offset, lines, lineBytes, length);
        lineBytes += length;
        lines[lineBytes++] = '\n';
    }

    private void entry() {
        table.writeBytes(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(outBytes)
                .putLong(textBytes)
                .array());
    }

    private void member() throws IOException {
        entry();
        write(HEADER, HEADER.length);
        deflater.reset();
        deflater.setInput(lines, 0, lineBytes);
        deflater.finish();
        while (!deflater.finished()) {
            write(deflated, deflater.deflate(deflated));
        }
        ByteBuffer trailer = ByteBuffer.allocate(2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        trailer.putInt(GzipText.check(lines, 0, lineBytes)).putInt(lineBytes);
        write(trailer.array(), trailer.capacity());
        textBytes += lineBytes;
        lineBytes = 0;
    }

    private void write(byte[] bytes, int length) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
        while (left.hasRemaining()) {
            outBytes += out.write(left);
        }
    }
}
