package dev.errand.log.read;

import dev.errand.log.proof.LogDirectories;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A snapshot of a log: stretches with an index and stretches without one. Not thread-safe; close it. */
final class Stretches implements Closeable {
    private final LogIndex indexes;
    private final List<RecordRange> oldestFirst = new ArrayList<>();
    private final List<Closeable> open = new ArrayList<>();
    private final AtomicReference<@Nullable OpenSegment> opened = new AtomicReference<>();

    private Stretches(LogIndex indexes) {
        this.indexes = indexes;
    }

    /** Opens the indexes of the log's segments. */
    static Stretches open(Path log) throws IOException {
        LogDirectories.require(log);
        Stretches stretches = new Stretches(new LogIndex(log));
        try {
            for (Path segment : Segment.list(log)) {
                stretches.add(segment);
            }
            return stretches;
        } catch (IOException | RuntimeException e) {
            stretches.close();
            throw e;
        }
    }

    private void add(Path path) throws IOException {
        long first = Segment.firstIndex(path);
        long length;
        try {
            length = SegmentText.length(path);
        } catch (NoSuchFileException removed) {
            return; // removed by the retention meanwhile
        }
        OpenSegment segment = new OpenSegment(path, opened);
        open.add(segment);
        long covered = 0;
        long records = 0;
        try {
            SegmentIndex index = indexes.open(path, length);
            open.add(index);
            for (IndexPart part : index.parts()) {
                oldestFirst.add(new RecordRange(segment, part.firstRecord(), part.fromOffset(), part.toOffset(), part));
            }
            covered = index.coveredBytes();
            records = index.coveredRecords();
        } catch (IOException unreadable) {
            ReadingNotes.unreadableIndex(path, unreadable);
        }
        if (covered < length) {
            oldestFirst.add(new RecordRange(segment, first + records, covered, Long.MAX_VALUE, null));
        }
    }

    List<RecordRange> oldestFirst() {
        return Collections.unmodifiableList(oldestFirst);
    }

    List<RecordRange> newestFirst() {
        List<RecordRange> newest = new ArrayList<>(oldestFirst);
        Collections.reverse(newest);
        return newest;
    }

    /** Deletes the damaged index of a stretch, so that it is rebuilt. */
    void damaged(RecordRange stretch) {
        Path file = indexes.file(stretch.segment().path());
        ReadingNotes.damagedIndex(file);
        try {
            SegmentIndex.remove(file);
        } catch (IOException e) {
            ReadingNotes.notRemoved(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable one : open) {
            one.close();
        }
    }
}
