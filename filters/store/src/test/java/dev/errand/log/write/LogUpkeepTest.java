package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The upkeep of a log some of whose index files cannot be read, written or removed. */
class LogUpkeepTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration BETWEEN = Duration.ofSeconds(60);
    private static final Duration AGE = Duration.ofDays(90);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long OLD = 1_500;

    @TempDir
    Path temporary;

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(LogUpkeep.class);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
    }

    private static LogSettings settings() {
        LogSettings base = TestLog.small(300_000, Duration.ofMillis(20), 1000);
        return new LogSettings(
                base.durability(),
                base.originPrefix(),
                base.signer(),
                base.ours(),
                base.queueCapacity(),
                base.segmentBytes(),
                base.checkpointEvery(),
                base.checkpointRecords(),
                base.retry(),
                base.completions(),
                Clock.fixed(BEGIN.plus(BETWEEN.multipliedBy(OLD)).plus(AGE), ZoneOffset.UTC));
    }

    /** Puts something in the place of an index that can be neither read nor removed. */
    private static Path spoil(Path index) throws Exception {
        Files.createDirectories(index);
        return Files.writeString(index.resolve("x"), "x");
    }

    private long warnings() {
        return List.copyOf(lines.list).stream()
                .filter(line -> line.getLevel() == Level.WARN)
                .count();
    }

    @Test
    void indexFilesThatCannotBeTouched_stopNothingElse_andAreToldOnceAMinute() throws Exception {
        Path log = temporary.resolve("log");
        try (GeneratedLog written = new GeneratedLog(log, 300_000)) {
            written.calls(3_000, BEGIN, BETWEEN, 3);
        }
        LogIndex index = new LogIndex(log);
        List<Path> segments = Segment.list(log);
        assertThat(segments).hasSizeGreaterThan(8);
        Path old = spoil(index.file(segments.get(0)));
        Path kept = spoil(index.file(segments.get(segments.size() - 3)));
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings());
                LogUpkeep upkeep = LogUpkeep.start(
                        log,
                        open,
                        new Retention(log, settings(), AGE, null),
                        null,
                        Duration.ofMillis(20),
                        Duration.ofHours(1))) {
            // Everything old is removed in one go, the segment whose index stays as well.
            await().atMost(SOON)
                    .until(() -> Segment.firstIndex(Segment.list(log).get(0)) > 1_000);
            Path behind = index.file(segments.get(segments.size() - 2));
            await().atMost(SOON).until(() -> Files.isRegularFile(behind));
            await().atMost(SOON).until(() -> upkeep.fault() != null);
            assertThat(upkeep.fault()).contains(kept.getParent().getFileName().toString());
            Thread.sleep(500);
            assertThat(warnings()).as("told at most once a minute").isEqualTo(1);
            for (Path file : List.of(old, kept)) {
                Files.delete(file);
                Files.delete(file.getParent());
            }
            await().atMost(SOON).until(() -> upkeep.fault() == null);
            assertThat(index.file(segments.get(segments.size() - 3))).isRegularFile();
            assertThat(index.missingBytes(segments.get(segments.size() - 3))).isZero();
        }
        assertThat(LogVerifier.verify(
                                log, Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER)), null)
                        .faults())
                .isEmpty();
    }

    @Test
    void retentionThatFails_isTold_untilItWorks() throws Exception {
        Path log = temporary.resolve("log");
        try (GeneratedLog written = new GeneratedLog(log, 300_000)) {
            written.calls(3_000, BEGIN, BETWEEN, 3);
        }
        // The note could not be written, so nothing may be removed.
        Path note = spoil(log.resolve("retained"));
        try (FileProvenanceLog open = FileProvenanceLog.open(temporary.resolve("other"), settings());
                LogUpkeep upkeep = LogUpkeep.start(
                        log,
                        open,
                        new Retention(log, settings(), AGE, null),
                        null,
                        Duration.ofMillis(20),
                        Duration.ofMillis(50))) {
            await().atMost(SOON).until(() -> upkeep.fault() != null);
            Thread.sleep(300);
            assertThat(upkeep.fault()).isNotNull();
            assertThat(Segment.firstIndex(Segment.list(log).get(0))).isZero();
            Files.delete(note);
            Files.delete(note.getParent());
            await().atMost(SOON).until(() -> upkeep.fault() == null);
            assertThat(Segment.firstIndex(Segment.list(log).get(0))).isGreaterThan(1_000);
        }
    }

    @Test
    void logAndItsDisk_areMeasured() throws Exception {
        Path log = temporary.resolve("log");
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings());
                LogUpkeep upkeep = LogUpkeep.start(log, open, null, null, Duration.ofMillis(20), Duration.ofHours(1))) {
            long free = Files.getFileStore(log).getUsableSpace();
            assertThat(upkeep.disk().freeBytes()).isBetween(free / 2, 2 * free);
            Files.write(log.resolve("more"), new byte[1_000_000]);
            await().atMost(SOON).until(() -> upkeep.disk().logBytes() >= 1_000_000);
        }
    }
}
