package dev.errand.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.log.Records;
import dev.errand.log.proof.GzipWriter;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.TestLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    private static final int RECORDS = 120;

    @TempDir
    Path temporary;

    private Path directory;
    private List<String> lines;
    private LogTail tail;

    @BeforeEach
    void write() throws Exception {
        directory = temporary.resolve("log");
        try (FileProvenanceLog log =
                FileProvenanceLog.open(directory, TestLog.small(10_000, Duration.ofHours(1), 1000))) {
            for (int i = 0; i < RECORDS; i++) {
                log.append(Records.permit("d-" + i, "t-1")).block(Duration.ofSeconds(10));
            }
            assertThat(log.head().size()).isEqualTo(RECORDS);
        }
        lines = TestLog.lines(directory);
        assertThat(Segment.list(directory)).hasSizeGreaterThan(5);
        tail = new LogTail(directory);
    }

    private LogTail.Batch read(LogPosition from, long size) throws Exception {
        return tail.read(from, size, 7, 3000);
    }

    private List<String> all(LogPosition from, long size) throws Exception {
        List<String> read = new ArrayList<>();
        LogPosition at = from;
        while (at.record() < size) {
            LogTail.Batch batch = read(at, size);
            assertThat(batch.lines()).hasSizeBetween(1, 7);
            for (LogTail.Line line : batch.lines()) {
                assertThat(line.index()).isEqualTo(RECORDS - lines.size() + read.size() + from.record());
                read.add(new String(line.bytes(), StandardCharsets.UTF_8));
            }
            at = batch.next();
        }
        return read;
    }

    @Test
    void aPosition_staysTheSame_whenItsSegmentIsCompressed() throws Exception {
        List<LogPosition> positions = new ArrayList<>();
        LogPosition at = new LogPosition("g", 0, 0, 0);
        while (at.record() < RECORDS) {
            positions.add(at);
            at = read(at, RECORDS).next();
        }
        List<Path> segments = Segment.list(directory);
        for (Path closed : segments.subList(0, segments.size() - 1)) {
            GzipWriter.write(closed, () -> true);
            Files.delete(closed);
        }
        for (LogPosition saved : positions) {
            assertThat(all(saved, RECORDS)).isEqualTo(lines.subList((int) saved.record(), RECORDS));
            assertThat(tail.seek("g", saved.record()).record()).isEqualTo(saved.record());
        }
    }

    @Test
    void read_acrossSegments_givesEveryLineOnceAndNoneBeyondTheSize() throws Exception {
        LogPosition start = new LogPosition("g-1", 0, 0, 0);
        assertThat(all(start, RECORDS)).isEqualTo(lines);
        assertThat(all(start, RECORDS - 3)).isEqualTo(lines.subList(0, RECORDS - 3));
    }

    @Test
    void seek_anyRecord_goesOnThere() throws Exception {
        for (int record = 0; record <= RECORDS; record++) {
            LogPosition at = tail.seek("g-1", record);
            assertThat(at.record()).isEqualTo(record);
            assertThat(all(at, RECORDS)).isEqualTo(lines.subList(record, RECORDS));
        }
    }

    @Test
    void read_fromAnOffsetWithinALine_isFoundAgainByCounting() throws Exception {
        LogPosition at = tail.seek("g-1", 50);
        LogPosition off = new LogPosition("g-1", 50, at.segment(), at.offset() - 5);
        assertThat(all(off, RECORDS)).isEqualTo(lines.subList(50, RECORDS));
    }

    @Test
    void read_whenFirstSegmentsAreGone_goesOnAndTellsHowManyAreMissing() throws Exception {
        List<Path> segments = Segment.list(directory);
        Files.delete(segments.get(0));
        Files.delete(segments.get(1));
        long first = Segment.firstIndex(segments.get(2));
        LogTail.Batch batch = read(new LogPosition("g-1", 3, 0, 900), RECORDS);
        assertThat(batch.missing()).isEqualTo(first - 3);
        assertThat(batch.lines().get(0).index()).isEqualTo(first);
    }

    @Test
    void read_whenARecordIsMissing_fails() {
        LogPosition end = new LogPosition("g-1", 0, 0, 0);
        assertThatThrownBy(() -> all(end, RECORDS + 1)).isInstanceOf(UnusableLogException.class);
    }

    @Test
    void position_written_isReadBackAndPassedOverByTheVerifier() throws Exception {
        LogPosition at = tail.seek("g-1", 33);
        assertThat(LogPosition.read(directory, "kafka")).isEmpty();
        at.write(directory, "kafka");
        assertThat(LogPosition.read(directory, "kafka")).contains(at);
        assertThat(LogVerifier.verify(directory, null, null).faults()).isEmpty();

        Files.writeString(directory.resolve("cursors/kafka.json"), "{\"record\":-1}");
        assertThatThrownBy(() -> LogPosition.read(directory, "kafka")).hasMessageContaining("delete it");
    }
}
