package dev.errand.log.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.Records;
import dev.errand.log.proof.Segment;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.TestLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    private static final int RECORDS = 120;

    @TempDir
    Path temporary;

    @Test
    void newest_acrossSegments_areTheLastInOrder() throws Exception {
        Path directory = temporary.resolve("log");
        try (FileProvenanceLog log =
                FileProvenanceLog.open(directory, TestLog.small(10_000, Duration.ofHours(1), 1000))) {
            for (int i = 0; i < RECORDS; i++) {
                log.append(Records.permit("d-" + i, "t-1")).block(Duration.ofSeconds(10));
            }
        }
        assertThat(Segment.list(directory)).hasSizeGreaterThan(5);
        List<String> lines = TestLog.lines(directory);
        LogReader reader = new LogReader(directory);
        for (int most : List.of(0, 1, 50, RECORDS, 10 * RECORDS)) {
            List<LogReader.Entry> newest = reader.newest(most);
            int first = Math.max(0, RECORDS - most);
            assertThat(newest).extracting(LogReader.Entry::line).isEqualTo(lines.subList(first, RECORDS));
            if (most > 0) {
                assertThat(newest.get(0).index()).isEqualTo(first);
                assertThat(newest.get(newest.size() - 1).json().string("decision"))
                        .isEqualTo("d-" + (RECORDS - 1));
            }
        }
    }
}
