package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.UnusableLogException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogAdoptionTest {
    private static final LogSettings SETTINGS = TestLog.small(300_000, Duration.ofMillis(20), 1000);

    @TempDir
    Path temporary;

    private Path log;
    private Path keys;

    @BeforeEach
    void write() throws Exception {
        log = temporary.resolve("log");
        keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        try (GeneratedLog written = new GeneratedLog(log, 300_000)) {
            written.calls(2_000, Instant.parse("2026-01-01T00:00:00Z"), Duration.ofSeconds(1), 3);
        }
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> LogAdoption.adopt(log, SETTINGS))
                .isInstanceOf(UnusableLogException.class)
                .hasMessageContaining(message);
        assertThat(log.resolve("retained")).doesNotExist();
    }

    @Test
    void anOldestSegmentRemovedByHand_isStated_andTheLogIsOpenedAgain() throws Exception {
        assertRefused("nothing is missing, or all that is missing is stated already");
        List<Path> segments = Segment.list(log);
        Files.delete(segments.get(0));
        Files.delete(segments.get(1));
        assertThatThrownBy(() -> FileProvenanceLog.open(log, SETTINGS)).isInstanceOf(UnusableLogException.class);
        long first = Segment.firstIndex(segments.get(2));
        assertThat(LogAdoption.adopt(log, SETTINGS)).isEqualTo(new LogAdoption.Adopted(GeneratedLog.ORIGIN, first));
        assertThat(Files.readString(log.resolve("retained"))).contains("\nfirst " + first + "\n");
        try (FileProvenanceLog open = FileProvenanceLog.open(log, SETTINGS)) {
            assertThatThrownBy(() -> LogAdoption.adopt(log, SETTINGS))
                    .hasMessageContaining("another gateway writes its log here");
            assertThat(open.isWritable()).isTrue();
        }
        LogVerifier.Report report = LogVerifier.verify(log, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.first()).isEqualTo(first);
    }

    @Test
    void aLogWithOtherFaults_isNotStated() throws Exception {
        List<Path> segments = Segment.list(log);
        byte[] middle = Files.readAllBytes(segments.get(2));
        Files.delete(segments.get(0));
        Files.delete(segments.get(2));
        assertRefused("it has other faults than missing records: ");
        byte[] changed = middle.clone();
        changed[100] ^= 1;
        Files.write(segments.get(2), changed);
        assertRefused("it has other faults than missing records: ");
        Files.write(segments.get(2), middle);
        Path tile = log.resolve("tile/0/000");
        byte[] hashes = Files.readAllBytes(tile);
        Path needed = log.resolve("tile/0/00" + Segment.firstIndex(segments.get(1)) / 256);
        Files.delete(needed);
        assertRefused("it has other faults than missing records: ");
        assertThat(hashes).hasSize(8192);
        LogSettings other = LogSettings.of(
                LogSettings.Durability.OS,
                "gateway.example.org/provenance",
                () -> TestLog.signer(TestLog.generate()),
                () -> List.of(TestLog.signer(TestLog.generate()).publicKey()));
        assertThatThrownBy(() -> LogAdoption.adopt(log, other)).hasMessageContaining("checkpoint: not signed by");
    }

    @Test
    void anEmptyLog_orOneWhoseCheckpointIsOlder_isNotStated() throws Exception {
        List<Path> segments = Segment.list(log);
        for (Path segment : segments.subList(0, segments.size() - 1)) {
            Files.delete(segment);
        }
        Path early = temporary.resolve("early");
        try (GeneratedLog written = new GeneratedLog(early, 300_000)) {
            written.calls(100, Instant.parse("2026-01-01T00:00:00Z"), Duration.ofSeconds(1), 3);
        }
        Files.copy(
                early.resolve("checkpoint"),
                log.resolve("checkpoint"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertRefused("bring the segments before it back");
        Files.delete(segments.get(segments.size() - 1));
        assertRefused("holds no segment");
    }
}
