package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.log.Records;
import dev.errand.log.proof.GzipWriter;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentText;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.DecisionQuery;
import dev.errand.log.read.LogIndex;
import dev.errand.log.read.LogReader;
import dev.errand.log.read.Prover;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Closed segments are compressed; every reader of the log reads them, and no stop of the writer loses a record. */
class CompressedLogTest {
    private static final Path PYTHON = Path.of("../../verify/verify_log.py");
    private static final Instant BEGIN = Instant.parse("2026-11-01T08:00:00Z");
    private static final Clock LATER = Clock.fixed(BEGIN.plus(Duration.ofDays(9)), ZoneOffset.UTC);
    private static final int CALLS = 1_500;
    private static final CountDownLatch OPEN = new CountDownLatch(1);

    @TempDir
    static Path original;

    @TempDir
    Path temporary;

    private Path log;
    private Path keys;
    private List<String> lines;

    @BeforeAll
    static void write() throws Exception {
        try (GeneratedLog written = new GeneratedLog(original, 300_000)) {
            written.calls(CALLS, BEGIN, Duration.ofSeconds(10), 3);
        }
        assertThat(Segment.list(original)).hasSizeGreaterThan(3);
    }

    @BeforeEach
    void copy() throws Exception {
        log = temporary.resolve("log");
        TestLog.copy(original, log);
        keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        lines = TestLog.lines(log);
    }

    private static SegmentCompressor compressor(Path directory) {
        return new SegmentCompressor(directory, Duration.ofDays(1), LATER, Duration.ZERO);
    }

    /** Compresses all that is due. */
    private static void compress(Path directory) throws IOException {
        SegmentCompressor compressor = compressor(directory);
        for (int i = 0; i < 2 * Segment.list(directory).size(); i++) {
            assertThat(compressor.round(OPEN)).isNull();
        }
    }

    private void assertWhole(Path directory) throws Exception {
        assertThat(TestLog.lines(directory)).isEqualTo(lines);
        LogVerifier.Report report = LogVerifier.verify(directory, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.records()).isEqualTo(lines.size());
        assertThat(report.signed()).isTrue();
        assertThat(python(directory)).contains(": ok: " + lines.size() + " records, " + lines.size() + " under");
    }

    private String python(Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        "python3", PYTHON.toString(), "--keys", keys.toString(), directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private static List<Path> names(Path directory, String glob) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(glob))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void closedSegments_areCompressed_andTheLogStaysTheSame() throws Exception {
        List<Path> segments = Segment.list(log);
        List<byte[]> texts = new ArrayList<>();
        for (Path segment : segments) {
            texts.add(Files.readAllBytes(segment));
        }
        byte[] checkpoint = Files.readAllBytes(log.resolve("checkpoint"));
        compress(log);
        assertThat(names(log, ".*[.]jsonl")).containsExactly(segments.get(segments.size() - 1));
        assertThat(names(log, ".*[.]jsonl[.]gz")).hasSize(segments.size() - 1);
        assertThat(names(log, ".*[.]jsonl[.]gz[.]idx")).hasSize(segments.size() - 1);
        assertThat(names(log, ".*[.]tmp")).isEmpty();
        for (int i = 0; i + 1 < segments.size(); i++) {
            byte[] packed = Files.readAllBytes(Segment.compressed(segments.get(i)));
            assertThat(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes())
                    .isEqualTo(texts.get(i));
            assertThat(packed.length).isLessThan(texts.get(i).length / 5);
            assertMembers(packed, texts.get(i), Files.readAllBytes(Segment.members(segments.get(i))));
        }
        assertThat(Files.readAllBytes(log.resolve("checkpoint"))).isEqualTo(checkpoint);
        assertWhole(log);
    }

    /** The table names each member, and a member has whole lines, at most 1 MiB. */
    private static void assertMembers(byte[] packed, byte[] text, byte[] table) throws IOException {
        ByteBuffer entries = ByteBuffer.wrap(table);
        long[] before = {entries.getLong(), entries.getLong()};
        assertThat(before).containsExactly(0, 0);
        assertThat(table.length).isGreaterThanOrEqualTo(3 * 16);
        while (entries.hasRemaining()) {
            long[] next = {entries.getLong(), entries.getLong()};
            byte[] member = Arrays.copyOfRange(packed, (int) before[0], (int) next[0]);
            byte[] part = Arrays.copyOfRange(text, (int) before[1], (int) next[1]);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(member)).readAllBytes())
                    .isEqualTo(part);
            assertThat(part.length).isLessThanOrEqualTo(1 << 20);
            assertThat(part[part.length - 1]).isEqualTo((byte) '\n');
            assertThat(Arrays.copyOf(member, 10)).containsExactly(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
            before = next;
        }
        assertThat(before).containsExactly(packed.length, text.length);
    }

    @Test
    void theSameText_givesTheSameBytes() throws Exception {
        Path segment = Segment.list(log).get(0);
        GzipWriter.write(segment, () -> true);
        byte[] first = Files.readAllBytes(Segment.compressed(segment));
        Path elsewhere = Files.copy(segment, temporary.resolve(segment.getFileName()));
        GzipWriter.write(elsewhere, () -> true);
        assertThat(Files.readAllBytes(Segment.compressed(elsewhere))).isEqualTo(first);
    }

    @Test
    void onlySegmentsThatAreLongClosed_areCompressed() throws Exception {
        List<Path> segments = Segment.list(log);
        String second = Files.readString(segments.get(1));
        Instant closed = Instant.parse(second.replaceFirst("(?s).*?\"time\":\"([^\"]*)\".*", "$1"));
        for (int seconds : List.of(-1, 0)) {
            Clock clock = Clock.fixed(closed.plus(Duration.ofDays(1)).plusSeconds(seconds), ZoneOffset.UTC);
            SegmentCompressor compressor = new SegmentCompressor(log, Duration.ofDays(1), clock, Duration.ZERO);
            for (int i = 0; i < 5; i++) {
                assertThat(compressor.round(OPEN)).isNull();
            }
            assertThat(names(log, ".*[.]gz")).hasSize(seconds + 1);
        }
    }

    @Test
    void segmentsOfAClockThatWasAhead_keepNoOthersFromBeingCompressed() throws Exception {
        Path ahead = temporary.resolve("ahead");
        int early;
        try (GeneratedLog written = new GeneratedLog(ahead, 300_000)) {
            written.calls(CALLS, LATER.instant().plus(Duration.ofDays(1)), Duration.ofSeconds(10), 3);
            early = Segment.list(ahead).size();
            written.calls(CALLS, BEGIN, Duration.ofSeconds(10), 4);
        }
        lines = TestLog.lines(ahead);
        compress(ahead);
        // The last one that is ahead was closed by a record of the right clock.
        assertThat(names(ahead, ".*[.]gz")).hasSize(Segment.list(ahead).size() - early);
        assertWhole(ahead);
    }

    @Test
    void everyReader_findsTheSame_withAndWithoutIndexAndTable() throws Exception {
        LogReader plain = new LogReader(log);
        List<String> found = answers(plain);
        String proof = Prover.prove(log, "d-40", Duration.ZERO).toText();
        compress(log);
        assertThat(answers(new LogReader(log))).isEqualTo(found);
        assertThat(Prover.prove(log, "d-40", Duration.ZERO).toText()).isEqualTo(proof);
        for (Path segment : Segment.list(log)) {
            new LogIndex(log).complete(segment);
        }
        assertThat(answers(new LogReader(log))).isEqualTo(found);
        TestLog.delete(log.resolve("index"));
        for (Path segment : Segment.list(log)) {
            Files.deleteIfExists(Segment.members(segment));
        }
        assertThat(answers(new LogReader(log))).isEqualTo(found);
        assertWhole(log);
    }

    private static List<String> answers(LogReader reader) throws IOException {
        List<String> found = new ArrayList<>();
        for (int call = 0; call < CALLS; call += 37) {
            reader.decision("d-" + call).forEach(entry -> found.add(entry.index() + entry.line()));
        }
        reader.task("t-3").forEach(entry -> found.add(entry.index() + entry.line()));
        reader.endings(Instant.EPOCH, entry -> found.add(entry.index() + entry.line()));
        reader.newest(700).forEach(entry -> found.add(entry.index() + entry.line()));
        DecisionQuery denied = new DecisionQuery(null, null, null, null, null, null, null, "deny", 500, Long.MAX_VALUE);
        reader.decisions(denied).decisions().forEach(entry -> found.add(entry.index() + entry.line()));
        assertThat(found).hasSizeGreaterThan(800);
        return found;
    }

    /** Each state in which a kill can leave the directory. */
    private TreeMap<String, Path> states() throws Exception {
        TreeMap<String, Path> states = new TreeMap<>();
        Path first = Segment.list(log).get(0);
        Path gzip = Segment.compressed(first);
        int[] member = {0};
        GzipWriter.write(first, () -> state(states, "a member " + member[0]++));
        state(states, "c both");
        Path half = temporary.resolve("half");
        TestLog.copy(log, half);
        Files.move(
                half.resolve(gzip.getFileName()),
                half.resolve(gzip.getFileName() + ".tmp"),
                StandardCopyOption.REPLACE_EXISTING);
        states.put("b table", half);
        SegmentCompressor compressor = compressor(log);
        compressor.round(OPEN);
        state(states, "d finished");
        compress(log);
        state(states, "e all");
        assertThat(states).hasSize(5);
        return states;
    }

    private boolean state(TreeMap<String, Path> states, String name) {
        Path copy = temporary.resolve("state-" + states.size());
        try {
            TestLog.copy(log, copy);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        states.put(name, copy);
        return true;
    }

    @Test
    void aKillAtAnyStep_losesNothing_andTheNextStartGoesOn() throws Exception {
        for (Path killed : states().values()) {
            assertWhole(killed);
            LogSettings settings = TestLog.small(300_000, Duration.ofMillis(20), 1000);
            try (FileProvenanceLog open = FileProvenanceLog.open(killed, settings)) {
                assertThat(open.head().size()).isEqualTo(lines.size());
                open.append(Records.permit("d-new", "t-1")).block(Duration.ofSeconds(10));
            }
            compress(killed);
            assertThat(names(killed, ".*([.]tmp|[.]jsonl)")).hasSize(1);
            LogVerifier.Report report = LogVerifier.verify(killed, keys, null);
            assertThat(report.faults()).isEmpty();
            assertThat(report.covered()).isEqualTo(lines.size() + 1);
        }
    }

    @Test
    void bothFiles_theWrittenOneCounts_andADamagedCompressedOneIsReplaced() throws Exception {
        Path first = Segment.list(log).get(0);
        GzipWriter.write(first, () -> true);
        byte[] good = Files.readAllBytes(Segment.compressed(first));
        byte[] bad = good.clone();
        bad[good.length / 2] ^= 1;
        Files.write(Segment.compressed(first), bad);
        assertWhole(log);
        compress(log);
        assertThat(Files.readAllBytes(Segment.compressed(first))).isEqualTo(good);
        assertWhole(log);
        // A whole one of other records does not take the place of these.
        Path second = Segment.list(log).get(1);
        Path other = Files.writeString(second, SegmentText.length(second) + "{}\n");
        GzipWriter.write(other, () -> true);
        assertThat(LogVerifier.verify(log, keys, null).faults()).isNotEmpty();
    }

    @Test
    void aChangedByte_isFoundByBothVerifiers_andNoReaderBelievesIt() throws Exception {
        compress(log);
        Path gzip = Segment.compressed(Segment.list(log).get(0));
        byte[] good = Files.readAllBytes(gzip);
        for (int at : List.of(0, 2, 12, good.length / 2, good.length - 6, good.length - 1)) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(gzip, bad);
            assertBroken(gzip);
        }
        Files.write(gzip, Arrays.copyOf(good, good.length - 9));
        assertBroken(gzip);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
            for (int i = 0; i < 33; i++) {
                out.write(new byte[1 << 20]);
            }
        }
        Files.delete(Path.of(gzip + ".idx"));
        assertBroken(gzip);
        Files.write(gzip, good);
        assertWhole(log);
    }

    private void assertBroken(Path gzip) throws Exception {
        assertThatThrownBy(() -> LogVerifier.verify(log, keys, null))
                .isInstanceOf(UnusableLogException.class)
                .hasMessageContaining(gzip.getFileName().toString());
        assertThat(python(log))
                .contains(": fault: ")
                .contains(gzip.getFileName().toString());
        assertThatThrownBy(() -> new LogReader(log).all(entry -> true)).isInstanceOf(UnusableLogException.class);
    }

    @Test
    void aWrongTable_isNotBelieved() throws Exception {
        compress(log);
        Path table = Segment.members(Segment.list(log).get(0));
        byte[] good = Files.readAllBytes(table);
        for (int at : List.of(7, 15, 23, 31, good.length - 1)) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(table, bad);
            assertWhole(log);
        }
        ByteArrayOutputStream fewer = new ByteArrayOutputStream();
        fewer.write(good, 0, 16);
        fewer.write(good, good.length - 16, 16);
        Files.write(table, fewer.toByteArray());
        assertWhole(log);
    }

    /** Whoever can write the files may add members that gzip takes for nothing. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void membersWithoutText_areNone() throws Exception {
        compress(log);
        Path first = Segment.list(log).get(0);
        ByteArrayOutputStream nothing = new ByteArrayOutputStream();
        new GZIPOutputStream(nothing).close();
        byte[] good = Files.readAllBytes(Segment.compressed(first));
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        for (int i = 0; i < 6; i++) {
            more.writeBytes(nothing.toByteArray());
        }
        byte[] empty = more.toByteArray();
        more.writeBytes(good);
        more.writeBytes(empty);
        Files.write(Segment.compressed(first), more.toByteArray());
        Files.delete(Segment.members(first));
        assertWhole(log);
    }

    @Test
    void aLongLine_isAMemberOfItsOwn() throws Exception {
        Path long1 = temporary.resolve("long");
        try (GeneratedLog written = new GeneratedLog(long1, 300_000)) {
            written.calls(50, BEGIN, Duration.ofSeconds(10), 3);
            written.line(
                    "{\"kind\":\"x\",\"time\":\"2026-11-01T08:00:00Z\",\"long\":\"" + "y".repeat(1_500_000) + "\"}");
            written.calls(500, BEGIN, Duration.ofSeconds(10), 3);
        }
        lines = TestLog.lines(long1);
        compress(long1);
        assertThat(names(long1, ".*[.]gz")).isNotEmpty();
        assertWhole(long1);
    }

    @Test
    void retentionAndAdoption_ofCompressedSegments() throws Exception {
        compress(log);
        Path archive = Files.createDirectory(temporary.resolve("archive"));
        Path archived = temporary.resolve("archived");
        TestLog.copy(log, archived);
        List<Path> segments = Segment.list(log);
        long third = Segment.firstIndex(segments.get(2));
        String cut = lines.get((int) third);
        Instant until = Instant.parse(cut.replaceFirst(".*?\"time\":\"([^\"]*)\".*", "$1"));
        LogSettings settings = at(Clock.fixed(until.plus(Duration.ofDays(1)), ZoneOffset.UTC));
        new Retention(
                        archived,
                        settings,
                        Duration.ofDays(1),
                        new Archive(archived, archive, dev.errand.log.proof.InstanceName.readOrCreate(archived)))
                .run();
        assertThat(Segment.firstIndex(Segment.list(archived).get(0))).isEqualTo(third);
        assertThat(names(archived, ".*[.]gz([.]idx)?")).hasSize(2 * (segments.size() - 3));
        assertThat(LogVerifier.verify(archived, keys, null).faults()).isEmpty();
        assertThat(python(archived)).contains("from record " + third);
        Path whole = temporary.resolve("whole");
        TestLog.copy(archive.resolve("g-0123456789abcdef"), whole);
        try (Stream<Path> kept = Files.list(archived)) {
            for (Path file : kept.filter(Files::isRegularFile).toList()) {
                Files.copy(file, whole.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assertThat(TestLog.lines(whole)).isEqualTo(lines);

        Segment.delete(segments.get(0));
        assertThat(LogVerifier.verify(log, keys, null).faults()).isNotEmpty();
        LogAdoption.adopt(log, settings);
        assertThat(LogVerifier.verify(log, keys, null).faults()).isEmpty();
        assertThat(python(log)).contains(": ok: ");
    }

    @Test
    void aLogWhoseLastSegmentIsCompressed_goesOnInANewOne() throws Exception {
        List<Path> segments = Segment.list(log);
        Path last = segments.get(segments.size() - 1);
        GzipWriter.write(last, () -> true);
        Files.delete(last);
        LogSettings settings = TestLog.small(300_000, Duration.ofMillis(20), 1000);
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings)) {
            open.append(Records.permit("d-new", "t-1")).block(Duration.ofSeconds(10));
        }
        assertThat(last).doesNotExist();
        assertThat(log.resolve(Segment.name(lines.size()))).exists();
        assertThat(LogVerifier.verify(log, keys, null).covered()).isEqualTo(lines.size() + 1);
    }

    private static LogSettings at(Clock clock) {
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
                clock);
    }

    @Test
    void aFullDisk_leavesTheLogAsItIs_andNoHalfFile() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()), "needs the right to mount");
        try {
            Path full = disk.resolve("log");
            TestLog.copy(log, full);
            Path filler = disk.resolve("filler");
            long free = Files.getFileStore(disk).getUsableSpace();
            Files.write(filler, new byte[(int) free - 4096]);
            assertThat(compressor(full).round(OPEN)).contains("not compressed, since only");
            Path first = Segment.list(full).get(0);
            assertThatThrownBy(() -> GzipWriter.write(first, () -> true)).hasMessageContaining("No space left");
            assertThat(names(full, ".*[.](gz|idx|tmp)")).isEmpty();
            assertWhole(full);
            Files.delete(filler);
            compress(full);
            assertThat(names(full, ".*[.]jsonl")).hasSize(1);
            assertWhole(full);
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    @Test
    void theUpkeep_compressesWhileTheLogIsWritten_andStopsAtOnce() throws Exception {
        LogSettings settings = at(LATER);
        List<Path> closed = Segment.list(log).subList(0, Segment.list(log).size() - 1);
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings)) {
            try (LogUpkeep upkeep =
                    LogUpkeep.start(log, open, null, compressor(log), Duration.ofMillis(10), Duration.ofHours(1))) {
                Instant deadline = Instant.now().plusSeconds(60);
                for (int i = 0; !closed.stream().allMatch(Segment::isCompressed); i++) {
                    assertThat(Instant.now()).isBefore(deadline);
                    open.append(Records.permit("d-new-" + i, "t-1")).block(Duration.ofSeconds(10));
                    assertThat(new LogReader(log).decision("d-10")).hasSize(2);
                    assertThat(upkeep.fault()).isNull();
                }
            }
        }
        assertThat(LogVerifier.verify(log, keys, null).faults()).isEmpty();
        Path again = temporary.resolve("again");
        try (GeneratedLog written = new GeneratedLog(again, 300_000)) {
            written.calls(CALLS, BEGIN, Duration.ofSeconds(10), 3);
        }
        compressor(again).round(new CountDownLatch(0));
        assertThat(names(again, ".*[.](gz|idx|tmp)")).isEmpty();
    }
}
