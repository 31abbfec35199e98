package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.Checkout;
import dev.errand.json.Json;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.ConsistencyProof;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.Tile;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.LogIndex;
import dev.errand.log.read.Prover;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final Duration AGE = Duration.ofDays(90);
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration BETWEEN = Duration.ofSeconds(60);
    private static final int CALLS = 3_000;
    private static final Path PYTHON = Checkout.path("verify/verify_log.py");

    @TempDir
    static Path original;

    @TempDir
    Path temporary;

    private Path log;
    private Path keys;
    private @Nullable Archive archive;

    @BeforeAll
    static void write() throws Exception {
        try (GeneratedLog written = new GeneratedLog(original, 300_000)) {
            written.calls(CALLS, BEGIN, BETWEEN, 3);
        }
        assertThat(Segment.list(original)).hasSizeGreaterThan(8);
    }

    @BeforeEach
    void copy() throws Exception {
        log = temporary.resolve("log");
        TestLog.copy(original, log);
        keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
    }

    /** The settings of a log at whose time the calls before that one are older than the bound. */
    private static LogSettings at(long call) {
        LogSettings base = TestLog.small(300_000, Duration.ofMillis(20), 1000);
        Instant now = BEGIN.plus(BETWEEN.multipliedBy(call)).plus(AGE);
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
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private void retain(long call) throws IOException {
        new Retention(log, at(call), AGE, archive).run();
    }

    private long first() throws IOException {
        return Segment.firstIndex(Segment.list(log).get(0));
    }

    private void assertGood(long first, long records) throws Exception {
        LogVerifier.Report report = LogVerifier.verify(log, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.first()).isEqualTo(first);
        assertThat(report.records()).isEqualTo(records - first);
        assertThat(report.signed()).isTrue();
        assertThat(python())
                .contains(": ok: " + (records - first) + " records from record " + first
                        + " on (those before it were removed), " + records + " under the checkpoint of "
                        + GeneratedLog.ORIGIN);
    }

    private String python(String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", PYTHON.toString(), "--keys", keys.toString()));
        command.addAll(more.length == 0 ? List.of(log.toString()) : List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private List<String> kept() throws IOException {
        return TestLog.lines(log);
    }

    @Test
    void oldSegments_areRemovedBehindASignedNote_andTheRestVerifies() throws Exception {
        List<String> before = kept();
        LogIndex index = new LogIndex(log);
        for (Path segment : Segment.list(log)) {
            index.complete(segment);
        }
        retain(1_500);
        long first = first();
        assertThat(first).isGreaterThan(1_000);
        assertThat(kept()).isEqualTo(before.subList((int) first, before.size()));
        // The youngest record that is gone was old enough, and the first segment that stays holds one that is not.
        Instant bound = at(1_500).clock().instant().minus(AGE);
        assertThat(before.subList(0, (int) first)).allMatch(line -> time(line).isBefore(bound));
        long second = Segment.firstIndex(Segment.list(log).get(1));
        assertThat(before.subList((int) first, (int) second))
                .anyMatch(line -> !time(line).isBefore(bound));
        String[] note = Files.readString(log.resolve("retained")).split("\n");
        String[] head = Files.readString(log.resolve("checkpoint")).split("\n");
        assertThat(List.of(note).subList(0, 5)).containsExactly(head[0], head[1], head[2], "first " + first, "");
        assertGood(first, before.size());
        assertThat(index.file(log.resolve(Segment.name(0)))).doesNotExist();
        assertThat(log.resolve(new Tile(0, 0, Tile.FULL).path())).doesNotExist();
        assertThat(log.resolve(new Tile(0, first / 256, Tile.FULL).path())).exists();
    }

    private static Instant time(String line) {
        try {
            return Instant.parse(String.valueOf(
                    Json.parseObject(line.getBytes(StandardCharsets.UTF_8)).string("time")));
        } catch (Json.MalformedJsonException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void prove_everyKeptDecision_worksAcrossTheCut() throws Exception {
        retain(2_000);
        List<String> kept = kept();
        int proven = 0;
        for (int i = 0; i < kept.size(); i += 7) {
            if (kept.get(i).startsWith("{\"kind\":\"decision\"")) {
                String decision = kept.get(i).split("\"")[7];
                assertThat(Prover.prove(log, decision, Duration.ZERO).record()).isEqualTo(kept.get(i));
                proven++;
            }
        }
        assertThat(proven).isGreaterThan(50);
        Path proof = temporary.resolve("proof.json");
        Files.writeString(proof, Prover.prove(log, "d-2500", Duration.ZERO).toText());
        assertThat(python("--proof", proof.toString())).contains(": ok: record ");
    }

    @Test
    void tilesThatTheNextProofToAWitnessNeeds_stay() throws Exception {
        long size = kept().size();
        List<byte[]> proof = ConsistencyProof.of(700, size, new TileStore(log).subtrees(size));
        WitnessSizes witnesses = new WitnessSizes(log);
        witnesses.write(Map.of("slow", 700L, "fast", 3_000L));
        retain(2_000);
        long first = first();
        assertThat(first).isGreaterThan(1_024);
        assertThat(log.resolve(new Tile(0, 1, Tile.FULL).path())).doesNotExist();
        assertThat(ConsistencyProof.of(700, size, new TileStore(log).subtrees(size)))
                .usingRecursiveComparison()
                .isEqualTo(proof);
        assertGood(first, size);
        // A witness that has not answered yet may have seen any tree.
        witnesses.write(Map.of("slow", 3_000L, "new", 0L));
        retain(2_000);
        assertThat(log.resolve(new Tile(0, 2, Tile.FULL).path())).exists();
        witnesses.write(Map.of());
        assertThat(log.resolve("witnesses.json")).doesNotExist();
        retain(2_000);
        assertThat(log.resolve(new Tile(0, 2, Tile.FULL).path())).doesNotExist();
    }

    @Test
    void nothingOld_leavesTheLogAsItIs() throws Exception {
        List<String> before = kept();
        retain(0);
        assertThat(kept()).isEqualTo(before);
        assertThat(log.resolve("retained")).doesNotExist();
        assertThat(LogVerifier.verify(log, keys, null).first()).isZero();
        // The last segment is the one that is written.
        retain(10 * CALLS);
        assertThat(Segment.list(log)).hasSize(1);
        assertGood(first(), before.size());
    }

    @Test
    void segmentsThatNoCheckpointCoversWhole_stay() throws Exception {
        Path shorter = temporary.resolve("shorter");
        try (GeneratedLog written = new GeneratedLog(shorter, 300_000)) {
            written.calls(CALLS / 3, BEGIN, BETWEEN, 3);
        }
        TestLog.delete(log.resolve("checkpoint"));
        Files.copy(shorter.resolve("checkpoint"), log.resolve("checkpoint"));
        retain(10 * CALLS);
        long covered =
                CheckpointFile.read(log.resolve("checkpoint")).checkpoint().size();
        assertThat(first()).isPositive().isLessThanOrEqualTo(covered);
        assertThat(Segment.firstIndex(Segment.list(log).get(1))).isGreaterThan(covered);
    }

    @Test
    void aRecordWithoutTime_keepsItsSegmentAndAllBehind() throws Exception {
        Path odd = temporary.resolve("odd");
        try (GeneratedLog written = new GeneratedLog(odd, 300_000)) {
            written.calls(CALLS / 3, BEGIN, BETWEEN, 3);
            written.line("{\"kind\":\"refused\",\"time\":\"long ago\",\"count\":1}");
            written.calls(CALLS / 3, BEGIN, BETWEEN, 4);
        }
        log = odd;
        retain(10 * CALLS);
        assertThat(kept()).anyMatch(line -> line.contains("long ago"));
        assertThat(Segment.list(log)).hasSizeGreaterThan(2);
        assertThat(first()).isPositive();
        assertGood(first(), LogVerifier.verify(log, keys, null).records() + first());
    }

    @Test
    void theLog_isOpenedAndGoesOn_andIsCutAgain() throws Exception {
        int before = kept().size();
        retain(1_000);
        long first = first();
        try (FileProvenanceLog open = FileProvenanceLog.open(log, at(1_000))) {
            assertThat(open.head().size()).isEqualTo(before);
            open.append(new ProvenanceRecord.Refused(BEGIN, "vault", "invalid-token", 1))
                    .block(WAIT);
        }
        assertGood(first, before + 1);
        retain(2_500);
        assertThat(first()).isGreaterThan(first);
        assertGood(first(), before + 1);
        // A tile of the right edge that is gone is made anew, from the records that are kept.
        TestLog.delete(log.resolve("tile/0/0" + (before + 1) / 256 + ".p"));
        FileProvenanceLog.open(log, at(2_500)).close();
        assertGood(first(), before + 1);
    }

    /** Wherever the process is stopped, what is left verifies, is opened, and is finished by the next run. */
    @Test
    void aStopAtAnyPlace_leavesAGoodLog() throws Exception {
        int records = kept().size();
        Path whole = temporary.resolve("whole");
        TestLog.copy(log, whole);
        retain(2_000);
        long first = first();
        byte[] note = Files.readAllBytes(log.resolve("retained"));
        for (int segments : List.of(0, 1, 3, 5)) {
            Path stopped = temporary.resolve("stopped-" + segments);
            TestLog.copy(whole, stopped);
            Files.write(stopped.resolve("retained"), note);
            for (Path segment : Segment.list(stopped).subList(0, segments)) {
                Files.delete(segment);
            }
            log = stopped;
            long stands = first();
            if (stands > 0) {
                assertGood(stands, records);
            } else {
                assertThat(LogVerifier.verify(log, keys, null).faults()).isEmpty();
                assertThat(python()).contains(": ok: " + records + " records, ");
            }
            FileProvenanceLog.open(log, at(2_000)).close();
            retain(2_000);
            assertThat(first()).isEqualTo(first);
            assertGood(first, records);
            assertThat(log.resolve(new Tile(0, 0, Tile.FULL).path())).doesNotExist();
        }
    }

    /** Who removes segments without the key's note, or writes a note of another key, is found out. */
    @Test
    void aCutThatWeDidNotSign_isAFault() throws Exception {
        Path first = Segment.list(log).get(0);
        Files.move(first, temporary.resolve("kept"));
        assertThat(LogVerifier.verify(log, keys, null).faults()).isNotEmpty();
        assertThat(python()).contains(": fault: ");
        assertThatThrownBy(() -> FileProvenanceLog.open(log, at(0)))
                .isInstanceOf(UnusableLogException.class)
                .hasMessage(Segment.list(log).get(0) + ": the segments before it are missing; bring them back, or let"
                        + " 'errand log adopt' state what is missing");
        Files.move(temporary.resolve("kept"), first);
        retain(2_000);
        long kept = first();
        byte[] note = Files.readAllBytes(log.resolve("retained"));
        String text = new String(note, StandardCharsets.UTF_8);
        for (String forged : List.of(
                text.replace("first " + kept, "first " + (kept + 300)),
                text.replace("gateway.example.org/provenance/g-0123456789abcdef\n", "other/g-1\n"),
                text.substring(0, 40),
                "")) {
            Files.writeString(log.resolve("retained"), forged);
            assertThat(LogVerifier.verify(log, keys, null).faults()).as(forged).isNotEmpty();
            assertThat(python()).as(forged).contains("fault: ");
            assertThatThrownBy(() -> FileProvenanceLog.open(log, at(2_000)))
                    .as(forged)
                    .isInstanceOf(UnusableLogException.class);
        }
        // One segment more than the note says.
        Files.write(log.resolve("retained"), note);
        Files.delete(Segment.list(log).get(0));
        assertThat(LogVerifier.verify(log, keys, null).faults()).isNotEmpty();
        assertThat(python()).contains("fault: ");
    }

    @Test
    void aCheckpointSeenEarlier_mustReachWhatIsKept() throws Exception {
        Path seen = temporary.resolve("seen");
        Files.copy(log.resolve("checkpoint"), seen);
        retain(2_000);
        assertThat(LogVerifier.verify(log, keys, seen).faults()).isEmpty();
        Path older = temporary.resolve("older");
        try (GeneratedLog written = new GeneratedLog(older, 300_000)) {
            written.calls(100, BEGIN, BETWEEN, 3);
        }
        assertThat(LogVerifier.verify(log, keys, older.resolve("checkpoint")).faults())
                .singleElement()
                .asString()
                .contains("whether the log extends it cannot be told any more");
        assertThat(python(log.toString(), "--seen", older.resolve("checkpoint").toString()))
                .contains("fault: checkpoint: the one seen earlier covers only records that were removed");
    }

    /** While calls go on, each record that is younger than the bound stays, whatever moment one looks at. */
    @Test
    void underLoad_noRecordYoungerThanTheBoundIsLost() throws Exception {
        Path busy = temporary.resolve("busy");
        Duration age = Duration.ofMillis(700);
        LogSettings settings = TestLog.small(20_000, Duration.ofMillis(20), 200);
        List<Instant> written = new ArrayList<>();
        try (FileProvenanceLog open = FileProvenanceLog.open(busy, settings);
                LogUpkeep upkeep = LogUpkeep.start(
                        busy,
                        open,
                        new Retention(busy, settings, age, null),
                        null,
                        Duration.ofMillis(10),
                        Duration.ofMillis(20))) {
            assertThat(upkeep).isNotNull();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            Set<Long> cuts = new HashSet<>();
            while (cuts.size() < 5 || Collections.max(cuts) <= 1_000) {
                assertThat(System.nanoTime()).as("cut at %s", cuts).isLessThan(until);
                for (int i = 0; i < 20; i++) {
                    Instant time = Instant.ofEpochMilli(System.currentTimeMillis());
                    open.append(new ProvenanceRecord.Refused(time, "vault", "invalid-token", written.size()))
                            .block(WAIT);
                    written.add(time);
                }
                long first = Segment.firstIndex(Segment.list(busy).get(0));
                if (first > 0) {
                    cuts.add(first);
                    assertThat(written.get((int) first - 1))
                            .isBefore(Instant.now().minus(age));
                }
            }
        }
        log = busy;
        long first = first();
        assertThat(first).isGreaterThan(1_000);
        assertThat(kept()).hasSize(written.size() - (int) first);
        LogVerifier.Report report = LogVerifier.verify(log, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.first()).isEqualTo(first);
        assertThat(python()).contains(": ok: ");
        assertThat(tiles()).doesNotContain(new Tile(0, 0, Tile.FULL).path());
    }

    private Path archive() throws IOException {
        Path root = Files.createDirectory(temporary.resolve("archive"));
        InstanceName instance = InstanceName.readOrCreate(log);
        archive = new Archive(log, root, instance);
        return root.resolve(instance.value());
    }

    /** What was removed and what is kept, laid into one directory, are the whole log again. */
    @Test
    void archive_takesWhatIsRemoved_andTheWholeVerifiesTogether() throws Exception {
        List<String> before = kept();
        Path archived = archive();
        retain(1_000);
        retain(2_000);
        long first = first();
        assertGood(first, before.size());
        assertThat(TestLog.lines(archived)).isEqualTo(before.subList(0, (int) first));
        assertThat(archived.resolve(new Tile(0, 0, Tile.FULL).path())).exists();
        try (Stream<Path> files = Files.walk(archived)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".tmp"));
        }
        Path whole = temporary.resolve("whole");
        TestLog.copy(archived, whole);
        TestLog.copy(log, whole);
        log = whole;
        LogVerifier.Report report = LogVerifier.verify(log, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.first()).isZero();
        assertThat(report.records()).isEqualTo(before.size());
        assertThat(report.signed()).isTrue();
        assertThat(python()).contains(": ok: " + before.size() + " records, ");
        assertThat(Prover.prove(log, "d-10", Duration.ZERO).record()).contains("\"d-10\"");
    }

    /** A copy that a stop left behind is not made twice; one of other bytes is nobody's to overwrite. */
    @Test
    void archive_thatCannotTakeASegment_leavesItInTheLog() throws Exception {
        List<String> before = kept();
        Path archived = archive();
        Path segment = Segment.list(log).get(0);
        Files.createDirectories(archived);
        Files.copy(segment, archived.resolve(segment.getFileName()));
        Path second = Segment.list(log).get(1);
        Path other = Files.writeString(archived.resolve(second.getFileName()), "another\n");
        assertThatThrownBy(() -> retain(2_000)).isInstanceOf(IOException.class).hasMessageContaining("" + other);
        assertThat(kept()).isEqualTo(before);
        assertThat(log.resolve("retained")).doesNotExist();
        Files.delete(other);
        Path away = temporary.resolve("away");
        Files.move(temporary.resolve("archive"), away);
        assertThatThrownBy(() -> retain(2_000)).isInstanceOf(IOException.class).hasMessageContaining("not there");
        assertThat(kept()).isEqualTo(before);
        Files.move(away, temporary.resolve("archive"));
        retain(2_000);
        assertGood(first(), before.size());
        assertThat(first()).isPositive();
    }

    private List<String> tiles() throws IOException {
        try (Stream<Path> files = Files.walk(log.resolve("tile"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> log.relativize(file).toString())
                    .toList();
        }
    }
}
