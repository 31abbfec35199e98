package dev.errand.provenance.log.read;

import dev.errand.provenance.index.PartBuilder;
import dev.errand.provenance.index.SegmentIndex;
import dev.errand.provenance.log.file.CheckpointFile;
import dev.errand.provenance.log.file.DurableFile;
import dev.errand.provenance.log.file.Segment;
import dev.errand.provenance.log.file.SegmentLines;
import dev.errand.provenance.log.file.UnusableLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The index files of one log, one beside each segment, in a directory that verifiers pass over. They are made from the segments, and
 * made anew where they are gone or damaged; memory does not grow with the log. Immutable; blocks on the disk.
 */
public final class LogIndex {
    /** The directory of the index files within a log's. */
    static final String DIRECTORY = "index";

    private static final String SUFFIX = ".idx";

    private final Path log;

    public LogIndex(Path log) {
        this.log = log;
    }

    /** The index file of a segment. */
    public Path file(Path segment) {
        String name = segment.getFileName().toString();
        return log.resolve(DIRECTORY).resolve(name.substring(0, name.length() - Segment.SUFFIX.length()) + SUFFIX);
    }

    /** What the index knows of a segment of that length; close it. */
    SegmentIndex open(Path segment, long segmentBytes) throws IOException {
        try {
            return SegmentIndex.open(file(segment), Segment.firstIndex(segment), segmentBytes);
        } catch (FileSystemException named) {
            throw named;
        } catch (IOException e) {
            throw new IOException(file(segment) + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** How many bytes of a segment no part of its index covers. */
    public long missingBytes(Path segment) throws IOException {
        long length = Files.size(segment);
        try (SegmentIndex index = open(segment, length)) {
            return length - index.coveredBytes();
        }
    }

    /** Completes the index of a segment to which nothing is appended any more. Another process may do the same meanwhile. */
    public void complete(Path segment) throws IOException {
        if (missingBytes(segment) == 0) {
            return;
        }
        makeDirectory();
        replace(segment, Long.MAX_VALUE);
    }

    /** Makes the index of a segment anew, beside the one that is there, and puts it in the place of that one. */
    private void replace(Path segment, long size) throws IOException {
        Path fresh = Files.createTempFile(log.resolve(DIRECTORY), "new", DurableFile.TEMPORARY);
        try {
            write(segment, fresh, new Start(Segment.firstIndex(segment), 0, 0), size, true);
            Files.move(fresh, file(segment), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * Adds to the index of the segment that is being written. An index file that belongs to another user, such as one that a command of
     * root made, is replaced. For the process that writes the log.
     *
     * @param size how many records of the log stay, whatever happens
     */
    public void grow(Path segment, long size) throws IOException {
        long length = Files.size(segment);
        Start start;
        try (SegmentIndex index = open(segment, length)) {
            if (length - index.coveredBytes() < PartBuilder.STRETCH_BYTES) {
                return;
            }
            start = new Start(
                    Segment.firstIndex(segment) + index.coveredRecords(), index.coveredBytes(), index.lengthBytes());
        }
        makeDirectory();
        try {
            write(segment, file(segment), start, size, false);
        } catch (AccessDeniedException notOurs) {
            replace(segment, size);
        }
    }

    /** Never that of the log: a log whose directory is gone is followed by another one. */
    private void makeDirectory() throws IOException {
        Path directory = log.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
        }
    }

    /** Where a part begins: by its first record, in the segment, and in the index file. */
    private record Start(long record, long segmentBytes, long indexBytes) {}

    /**
     * @param size up to which record; {@code Long.MAX_VALUE} for all
     * @param rest whether the last part is written too, which is shorter
     */
    private static void write(Path segment, Path file, Start start, long size, boolean rest) throws IOException {
        Growing growing = new Growing(file, start);
        SegmentLines.scan(segment, start.segmentBytes(), (bytes, offset, length) -> {
            if (growing.record == size) {
                return false;
            }
            growing.line(bytes, offset, length);
            return true;
        });
        if (rest) {
            growing.flush();
        }
    }

    /** An index file while parts are added. */
    private static final class Growing {
        private final Path file;
        private PartBuilder part;
        private long record;
        private long segmentBytes;
        private long indexBytes;

        Growing(Path file, Start start) {
            this.file = file;
            this.record = start.record();
            this.segmentBytes = start.segmentBytes();
            this.indexBytes = start.indexBytes();
            this.part = new PartBuilder(record, segmentBytes);
        }

        void line(byte[] bytes, int offset, int length) throws IOException {
            part.line(bytes, offset, length);
            record++;
            segmentBytes += length + 1;
            if (part.isFull()) {
                flush();
            }
        }

        void flush() throws IOException {
            if (!part.isEmpty()) {
                ByteBuffer made = part.build();
                indexBytes = SegmentIndex.append(file, indexBytes, made);
                part = new PartBuilder(record, segmentBytes);
            }
        }
    }

    /** Takes away the index of segments that are gone, and what was left where a process was killed. */
    public void sweep() throws IOException {
        Path directory = log.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> known = new ArrayList<>();
        for (Path segment : Segment.list(log)) {
            known.add(file(segment));
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!known.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /**
     * Makes what is missing of the indexes of all segments, if that is worth it: a log of a few segments is read as quickly. Of the last
     * segment only records under the checkpoint are indexed: whatever happens, they stay. For commands; where the directory cannot be
     * written, or the log's gateway removes a segment meanwhile, they read the log.
     *
     * @param worthBytes how much must be missing
     */
    static void completeIfWorth(Path log, long worthBytes) throws IOException {
        List<Path> segments = Segment.list(log);
        if (segments.isEmpty()) {
            return;
        }
        Path last = segments.get(segments.size() - 1);
        List<Path> closed = segments.subList(0, segments.size() - 1);
        LogIndex index = new LogIndex(log);
        long missing = index.missingBytes(last);
        for (Path segment : closed) {
            // One that was begun lacks a few parts at most.
            missing += Files.exists(index.file(segment)) ? 0 : Files.size(segment);
        }
        if (missing < worthBytes || !Files.isWritable(log)) {
            return;
        }
        for (Path segment : closed) {
            try {
                index.complete(segment);
            } catch (NoSuchFileException removed) {
                // By the retention of the gateway that writes this log.
                continue;
            }
        }
        index.completeCovered(last);
    }

    /** Where the log's gateway adds to the same index meanwhile, the part of one of them counts as not written. */
    private void completeCovered(Path last) throws IOException {
        long covered = covered();
        if (covered > Segment.firstIndex(last) && missingBytes(last) > 0) {
            makeDirectory();
            replace(last, covered);
        }
    }

    private long covered() throws IOException {
        try {
            return CheckpointFile.readIfPresent(log)
                    .map(file -> file.checkpoint().size())
                    .orElse(0L);
        } catch (UnusableLogException none) {
            return 0;
        }
    }
}
