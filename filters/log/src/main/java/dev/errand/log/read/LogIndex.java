package dev.errand.log.read;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.proof.UnusableLogException;
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
 * The index files of one log, one for each segment, in a directory that verifiers skip. They are made from the
 * segments, and rebuilt if they are missing or damaged; memory does not grow with the log. Immutable; blocks on the
 * disk.
 */
public record LogIndex(Path log) {
    /** The directory of the index files, within the log's directory. */
    static final String DIRECTORY = "index";

    private static final String SUFFIX = ".idx";

    /** How many lines are indexed without a rest: about a millisecond's work if a line has 2 KB. */
    private static final int SLICE_LINES = 128;

    private static final Runnable NO_REST = () -> {};

    public Path file(Path segment) {
        String name = segment.getFileName().toString();
        return log.resolve(DIRECTORY).resolve(name.substring(0, name.length() - Segment.SUFFIX.length()) + SUFFIX);
    }

    /** Opens the index of a segment of that length; the caller must close it. */
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
        long length = SegmentText.length(segment);
        try (SegmentIndex index = open(segment, length)) {
            return length - index.coveredBytes();
        }
    }

    /** Completes the index of a segment that no longer grows, without a rest. */
    public void complete(Path segment) throws IOException {
        complete(segment, NO_REST);
    }

    /**
     * Completes the index of a segment that no longer grows. Another process may do the same at the same time.
     *
     * @param rest is run after each 128 lines, so that the thread can leave its processor to calls
     */
    public void complete(Path segment, Runnable rest) throws IOException {
        if (missingBytes(segment) == 0) {
            return;
        }
        makeDirectory();
        replace(segment, Long.MAX_VALUE, rest);
    }

    /** Builds the index of a segment in a new file, then replaces the old file by it. */
    private void replace(Path segment, long size, Runnable rest) throws IOException {
        Path fresh = Files.createTempFile(log.resolve(DIRECTORY), "new", DurableFile.TEMPORARY);
        try {
            write(segment, fresh, new Start(Segment.firstIndex(segment), 0, 0), size, rest)
                    .flush();
            Files.move(fresh, file(segment), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * Adds parts to the index of the segment that is being written. An index file that belongs to another user, such as
     * one that a command run by root made, is replaced. For the process that writes the log.
     *
     * @param size how many records of the log are certain to stay; later ones are not indexed
     * @param rest is run after each 128 lines
     */
    public void grow(Path segment, long size, Runnable rest) throws IOException {
        long length = SegmentText.length(segment);
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
            write(segment, file(segment), start, size, rest);
        } catch (AccessDeniedException notOurs) {
            replace(segment, size, rest);
        }
    }

    /** Makes only the index directory, not the log's: if the log's directory is gone, another log follows. */
    private void makeDirectory() throws IOException {
        Path directory = log.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
        }
    }

    /** The beginning of a part: its first record, and its offsets in the segment and in the index file, in bytes. */
    private record Start(long record, long segmentBytes, long indexBytes) {}

    /**
     * Writes all parts but the last, which is shorter than a stretch and is left to be flushed.
     *
     * @param size the index of the first record to leave out; {@code Long.MAX_VALUE} for none
     */
    private static Growing write(Path segment, Path file, Start start, long size, Runnable rest) throws IOException {
        Growing growing = new Growing(file, start);
        SegmentLines.scan(segment, start.segmentBytes(), (bytes, offset, length) -> {
            if (growing.record == size) {
                return false;
            }
            growing.line(bytes, offset, length);
            if ((growing.record - start.record()) % SLICE_LINES == 0) {
                rest.run();
            }
            return true;
        });
        return growing;
    }

    /** Writes an index file part by part. */
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

    /** Deletes the index files of removed segments, and the temporary files of killed processes. */
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
     * Completes the indexes of all segments if much is missing: a log of a few segments is read as quickly without. Of
     * the last segment it indexes only records under the checkpoint, which are certain to stay. For commands; if they
     * cannot write the directory, or the gateway removes a segment meanwhile, they read the log itself.
     *
     * @param worthBytes how many bytes of segments must lack an index
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
            // An index that exists lacks a few parts at most.
            missing += Files.exists(index.file(segment)) ? 0 : SegmentText.length(segment);
        }
        if (missing < worthBytes || !Files.isWritable(log)) {
            return;
        }
        for (Path segment : closed) {
            try {
                index.complete(segment);
            } catch (NoSuchFileException removed) {
                // Removed by the retention of the gateway that writes this log.
                continue;
            }
        }
        index.completeCovered(last);
    }

    /**
     * Indexes what the checkpoint covers. If the log's gateway adds a part to the same index meanwhile, one of the two
     * is lost.
     */
    private void completeCovered(Path last) throws IOException {
        long covered = covered();
        if (covered > Segment.firstIndex(last) && missingBytes(last) > 0) {
            makeDirectory();
            replace(last, covered, NO_REST);
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
