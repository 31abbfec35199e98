package dev.errand.log.read;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open index of one segment: parts that follow each other from the segment's beginning. Bytes after the last whole
 * part are ignored. Not thread-safe.
 */
public final class SegmentIndex implements Closeable {
    private final @Nullable FileChannel file;
    private final List<IndexPart> parts;

    private SegmentIndex(@Nullable FileChannel file, List<IndexPart> parts) {
        this.file = file;
        this.parts = List.copyOf(parts);
    }

    /**
     * Opens an index; a file that is absent, or that this process may not read, has no parts.
     *
     * @param firstRecord the index of the segment's first record, counted from the start of the log
     * @param segmentBytes the segment's length: a part that goes beyond it belongs to another file
     */
    public static SegmentIndex open(Path index, long firstRecord, long segmentBytes) throws IOException {
        FileChannel file;
        try {
            file = FileChannel.open(index, StandardOpenOption.READ);
        } catch (NoSuchFileException | AccessDeniedException e) {
            return new SegmentIndex(null, List.of());
        }
        try {
            return new SegmentIndex(file, parts(file, firstRecord, segmentBytes));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static List<IndexPart> parts(FileChannel file, long firstRecord, long segmentBytes) throws IOException {
        List<IndexPart> parts = new ArrayList<>();
        long at = 0;
        long record = firstRecord;
        long offset = 0;
        while (true) {
            IndexPart part = IndexPart.read(file, at).orElse(null);
            if (part == null
                    || part.firstRecord() != record
                    || part.fromOffset() != offset
                    || part.toOffset() > segmentBytes) {
                return parts;
            }
            parts.add(part);
            at += part.lengthBytes();
            record += part.records();
            offset = part.toOffset();
        }
    }

    public List<IndexPart> parts() {
        return parts;
    }

    /** Bytes of the segment that the parts cover. */
    public long coveredBytes() {
        return parts.isEmpty() ? 0 : parts.get(parts.size() - 1).toOffset();
    }

    /** Records that the parts cover. */
    public long coveredRecords() {
        long records = 0;
        for (IndexPart part : parts) {
            records += part.records();
        }
        return records;
    }

    /** The length in bytes of the whole parts; the next part is written at this offset. */
    public long lengthBytes() {
        long bytes = 0;
        for (IndexPart part : parts) {
            bytes += part.lengthBytes();
        }
        return bytes;
    }

    /**
     * Writes a part after the whole ones and cuts off the rest of a torn part. Only one thread of one process may call
     * it at a time.
     *
     * @param at {@link #lengthBytes}, or the value that the last call returned
     * @return the offset at which the next part is written
     */
    public static long append(Path index, long at, ByteBuffer part) throws IOException {
        try (FileChannel to = FileChannel.open(index, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long next = at;
            to.truncate(at);
            while (part.hasRemaining()) {
                next += to.write(part, next);
            }
            return next;
        }
    }

    /** Deletes an index, if it exists. */
    public static void remove(Path index) throws IOException {
        Files.deleteIfExists(index);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
