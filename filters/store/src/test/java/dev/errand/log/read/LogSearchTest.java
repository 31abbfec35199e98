package dev.errand.log.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogReader.Entry;
import dev.errand.log.write.GeneratedLog;
import dev.errand.log.write.TestLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever there is of an index, a look-up finds what reading the whole log finds. */
class LogSearchTest {
    private static final int CALLS = 11_000;
    private static final Instant BEGIN = Instant.parse("2026-11-24T08:00:00Z");

    @TempDir
    static Path original;

    private static List<Entry> originalEntries;

    @TempDir
    Path temporary;

    private Path log;
    private List<Entry> all;

    @BeforeAll
    static void write() throws Exception {
        try (GeneratedLog written = new GeneratedLog(original, 9 << 20)) {
            written.calls(CALLS, BEGIN, Duration.ofSeconds(1), 7);
            written.line(
                    "{\"kind\":\"decision\",\"decision\":\"d-odd\",\"time\":\"2026-11-24T16:00:00Z\",\"outcome\":\"deny\","
                            + "\"task\":\"t-odd\",\"human\":{\"sub\":\"a \\\"b\\\" \\u00e9\",\"iss\":\"https://i\\u0064p\"},"
                            + "\"agents\":[{\"jkt\":\"k\",\"sub\":\"a\"},{\"sub\":\"b\\\\c\",\"attested\":true}],"
                            + "\"operation\":\"x:one y:two\",\"resource\":[\"r\\u202e1\",\"r2\",\"r2\"]}");
            written.line(
                    "{\"kind\":\"refused\",\"time\":\"2026-11-24T16:00:00Z\",\"route\":null,\"code\":\"x\",\"count\":3}");
        }
        originalEntries = List.copyOf(read(original));
        assertThat(Segment.list(original)).hasSizeGreaterThan(1);
    }

    @BeforeEach
    void copy() throws IOException {
        log = temporary.resolve("log");
        TestLog.copy(original, log);
        all = originalEntries;
    }

    private static List<Entry> read(Path log) throws IOException {
        List<Entry> read = new ArrayList<>();
        new LogReader(log).all(read::add);
        return read;
    }

    private void index() throws IOException {
        LogIndex index = new LogIndex(log);
        List<Path> segments = Segment.list(log);
        for (Path segment : segments.subList(0, segments.size() - 1)) {
            index.complete(segment);
        }
        index.grow(segments.get(segments.size() - 1), all.size(), () -> {});
    }

    private List<Path> indexes() throws IOException {
        try (var files = Files.list(log.resolve("index"))) {
            return files.sorted().toList();
        }
    }

    /** The upkeep rests there, so that calls wait less for its processor. */
    @Test
    void complete_runsTheRestAfterEach128Lines() throws Exception {
        Path first = Segment.list(log).get(0);
        int[] rests = {0};
        new LogIndex(log).complete(first, () -> rests[0]++);
        assertThat(rests[0]).isPositive().isEqualTo(Files.readAllLines(first).size() / 128);
    }

    @Test
    void lookUps_withoutIndex_findAll() throws Exception {
        assertFound(new SplittableRandom(1), 6, 11);
    }

    @Test
    void lookUps_byIndex_findAll() throws Exception {
        index();
        assertThat(indexes()).isNotEmpty();
        assertFound(new SplittableRandom(2), 30, 16);
    }

    @Test
    void lookUps_whereSomeIsIndexed_findAll() throws Exception {
        index();
        try (FileChannel file = FileChannel.open(indexes().get(0), StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1);
        }
        assertFound(new SplittableRandom(3), 10, 10);
    }

    /** For a command all is indexed that the checkpoint covers. What stands behind it may be cut off, and others may take its place. */
    @Test
    void lookUps_byTheIndexOfACommand_readOnlyWhatTheCheckpointDoesNotCover() throws Exception {
        Path last = Segment.list(log).get(Segment.list(log).size() - 1);
        String behind =
                "{\"kind\":\"decision\",\"decision\":\"d-%s\",\"time\":\"2026-11-24T16:00:01Z\",\"outcome\":\"deny\"}\n";
        Files.writeString(last, behind.formatted("new-1"), StandardOpenOption.APPEND);
        all = read(log);
        LogIndex.completeIfWorth(log, 1);
        for (Path segment : Segment.list(log)) {
            assertThat(new LogIndex(log).missingBytes(segment))
                    .isEqualTo(segment.equals(last) ? behind.formatted("new-1").length() : 0);
        }
        assertFound(new SplittableRandom(5), 4, 6);
        try (FileChannel file = FileChannel.open(last, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - behind.formatted("new-1").length());
        }
        Files.writeString(last, behind.formatted("new-2"), StandardOpenOption.APPEND);
        LogIndex.completeIfWorth(log, 1);
        assertThat(new LogReader(log).decision("d-new-1")).isEmpty();
        assertThat(new LogReader(log).decision("d-new-2")).hasSize(1);
    }

    /**
     * An index that lies is noticed by its checks, and taken away so that it is made anew: only the first look-ups of a round use
     * the damaged one.
     */
    @Test
    void lookUps_byADamagedIndex_findAll_andItIsMadeAnew() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        index();
        Map<Path, byte[]> good = new HashMap<>();
        for (Path file : indexes()) {
            good.put(file, Files.readAllBytes(file));
        }
        for (int round = 0; round < 8; round++) {
            for (Map.Entry<Path, byte[]> file : good.entrySet()) {
                byte[] bytes = file.getValue().clone();
                for (int i = 0; i < 1 + round * 10; i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                Files.write(file.getKey(), bytes);
            }
            assertFound(random, 1, 2);
        }
        for (Path file : indexes()) {
            Files.delete(file);
        }
        index();
        assertThat(new LogIndex(log).missingBytes(Segment.list(log).get(0))).isZero();
    }

    /** Checksums do not make an index true: whoever can write the file can write them, too. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void lookUps_byAnIndexThatWasForged_findAll() throws Exception {
        index();
        // A part of no record and no length, which another one never follows.
        forge(part -> part.putLong(8, 0).putLong(32, 0).putInt(64, 0));
        assertThat(new LogIndex(log).missingBytes(Segment.list(log).get(0))).isPositive();
        assertFound(new SplittableRandom(9), 2, 4);
        index();
        forge(part -> part.putInt(68, Integer.MAX_VALUE));
        assertFound(new SplittableRandom(10), 2, 4);
        index();
        // Each bucket has one term of one record, which stands before the first one.
        forge(part -> {
            int at = IndexPart.HEADER_BYTES;
            long hash = new Term(Term.Kind.TASK, "t-1").hash(part.getLong(56));
            part.position(at);
            IndexPart.put(part, (int) (hash & 0xFFFFFF));
            part.put(new byte[] {1, -1, -1, -1, -1, 0xF});
            for (int bucket = 0; bucket < IndexPart.BUCKETS; bucket++) {
                int in = IndexPart.BUCKETS_AT + bucket * 2 * Integer.BYTES;
                boolean its = bucket == IndexPart.bucket(hash);
                int to = part.position();
                part.putInt(in, bucket < IndexPart.bucket(hash) ? 0 : to - at)
                        .putInt(in + Integer.BYTES, IndexPart.check(part.array(), at, its ? to - at : 0));
            }
        });
        assertThat(new LogReader(log).task("t-1")).isEqualTo(task("t-1"));
    }

    /** Changes the first part of the first index, and makes its checksum that of the changed one. */
    private void forge(Consumer<ByteBuffer> change) throws IOException {
        byte[] bytes = Files.readAllBytes(indexes().get(0));
        ByteBuffer part = ByteBuffer.wrap(bytes);
        change.accept(part);
        part.putInt(IndexPart.CHECK_AT, IndexPart.check(bytes, 0, IndexPart.CHECK_AT));
        Files.write(indexes().get(0), bytes);
    }

    /** The index of another segment, or of a log that was cut, answers for nothing. */
    @Test
    void lookUps_byTheIndexOfAnotherSegment_findAll() throws Exception {
        index();
        Path first = indexes().get(0);
        byte[] bytes = Files.readAllBytes(first);
        SegmentIndex.remove(first);
        LogIndex other = new LogIndex(temporary.resolve("other"));
        Path foreign = Files.createDirectories(temporary.resolve("other")).resolve(Segment.name(5));
        Files.copy(Segment.list(log).get(0), foreign);
        other.complete(foreign);
        Files.copy(other.file(foreign), first);
        assertFound(new SplittableRandom(5), 3, 6);
        Files.write(first, bytes);
        Path segment = Segment.list(log).get(Segment.list(log).size() - 1);
        Files.writeString(segment, all.get(0).line() + "\n");
        all = read(log);
        assertFound(new SplittableRandom(6), 3, 6);
    }

    @Test
    void pages_ofAQuery_areTheWholeAnswer() throws Exception {
        index();
        for (DecisionQuery query : queries(new SplittableRandom(8), 4)) {
            List<Entry> paged = new ArrayList<>();
            Long before = Long.MAX_VALUE;
            Instant reached = null;
            int pages = 0;
            while (before != null) {
                LogRecords.Page page = new LogReader(log).decisions(query.page(37, before));
                assertThat(page.decisions().size()).isLessThanOrEqualTo(37);
                Instant bound = reached;
                assertThat(page.decisions())
                        .allMatch(entry -> bound == null || !time(entry).isAfter(bound));
                paged.addAll(page.decisions());
                before = page.next();
                reached = page.reached();
                assertThat(reached == null || before != null).isTrue();
                assertThat(++pages).isLessThan(2_000);
            }
            assertThat(paged).as("%s", query).isEqualTo(expected(query));
        }
    }

    /** Calls of a thousand pairs, such as an agent may make at will: a page does not hold a hundred of them. */
    @Test
    void pages_ofLongRecords_areShort_andTheWholeAnswer() throws Exception {
        Path wide = temporary.resolve("wide");
        List<String> written = new ArrayList<>();
        try (GeneratedLog records = new GeneratedLog(wide, 64 << 20)) {
            String resources = "\"" + "r".repeat(500) + "\",";
            for (int i = 0; i < 20; i++) {
                String line = "{\"kind\":\"decision\",\"decision\":\"d-" + i + "\",\"time\":\"2026-11-24T16:00:"
                        + (10 + i) + "Z\",\"outcome\":\"deny\",\"task\":\"t-1\",\"resource\":["
                        + resources.repeat(1_000) + "\"x\"]}";
                records.line(line);
                written.add(0, "d-" + i);
            }
        }
        for (boolean indexed : List.of(false, true)) {
            if (indexed) {
                LogReader.index(wide);
                LogIndex index = new LogIndex(wide);
                for (Path segment : Segment.list(wide)) {
                    index.complete(segment);
                }
            }
            List<String> found = new ArrayList<>();
            Long before = Long.MAX_VALUE;
            while (before != null) {
                LogRecords.Page page = new LogReader(wide).decisions(DecisionQuery.ANY.page(100, before));
                assertThat(page.decisions()).hasSizeBetween(1, 5);
                page.decisions().forEach(entry -> found.add(entry.json().string("decision")));
                before = page.next();
            }
            assertThat(found).as("indexed %s", indexed).isEqualTo(written);
        }
    }

    /** A task that calls without end: its page is made of its first and its newest records. */
    @Test
    void recordsOfOneTask_thatAreTooLong_areTheFirstAndTheNewest() throws Exception {
        Path busy = temporary.resolve("busy");
        try (GeneratedLog records = new GeneratedLog(busy, 256 << 10)) {
            for (int i = 0; i < 2_000; i++) {
                records.line("{\"kind\":\"decision\",\"decision\":\"d-" + i
                        + "\",\"time\":\"2026-11-24T16:00:00Z\",\"outcome\":\"permit\",\"task\":\"t-1\",\"detail\":\""
                        + "x".repeat(400) + "\"}");
                records.line("{\"kind\":\"outcome\",\"decision\":\"d-" + i + "\",\"upstream_status\":200}");
            }
        }
        LogReader reader = new LogReader(busy);
        List<Entry> whole = reader.task("t-1");
        assertThat(whole).hasSize(4_000);
        for (boolean indexed : List.of(false, true)) {
            if (indexed) {
                LogIndex index = new LogIndex(busy);
                for (Path segment : Segment.list(busy)) {
                    index.complete(segment);
                }
            }
            TaskRecords some = reader.task("t-1", 100_000);
            int kept = some.entries().size();
            assertThat(some.omitted()).as("indexed %s", indexed).isEqualTo(4_000L - kept);
            assertThat(some.entries().stream()
                            .mapToLong(entry -> entry.line().length())
                            .sum())
                    .isBetween(90_000L, 100_000L);
            assertThat(some.entries().subList(0, 40)).isEqualTo(whole.subList(0, 40));
            assertThat(some.entries().subList(kept - 200, kept)).isEqualTo(whole.subList(3_800, 4_000));
            assertThat(reader.task("t-1", Long.MAX_VALUE).entries()).isEqualTo(whole);
        }
    }

    @Test
    void endings_sinceThen_areFound() throws Exception {
        Instant since = BEGIN.plusSeconds(CALLS / 2);
        List<Entry> wanted = all.stream()
                .filter(entry -> "ended".equals(entry.json().string("kind")))
                .filter(entry -> !time(entry).isBefore(since))
                .toList();
        assertThat(wanted).hasSizeGreaterThan(20);
        for (int i = 0; i < 2; i++) {
            List<Entry> found = new ArrayList<>();
            new LogReader(log).endings(since, found::add);
            assertThat(found).containsAll(wanted).isSortedAccordingTo(Comparator.comparingLong(Entry::index));
            assertThat(found).allMatch(entry -> "ended".equals(entry.json().string("kind")));
            index();
        }
    }

    private void assertFound(SplittableRandom random, int lookUps, int queries) throws IOException {
        LogReader reader = new LogReader(log);
        for (int i = 0; i < lookUps; i++) {
            String decision = i == 1 ? "d-odd" : "d-" + random.nextInt(CALLS + 100);
            assertThat(reader.decision(decision)).as(decision).isEqualTo(decision(decision));
            String task = i == 1 ? "t-odd" : "t-" + random.nextInt(CALLS / 100 + 20);
            assertThat(reader.task(task)).as(task).isEqualTo(task(task));
        }
        List<DecisionQuery> asked = queries(random, lookUps / 2 + 1);
        Collections.shuffle(asked, new Random(random.nextInt()));
        for (DecisionQuery query : asked.subList(0, Math.min(queries, asked.size()))) {
            List<Entry> found = new ArrayList<>();
            Long before = Long.MAX_VALUE;
            while (before != null && found.size() < 100) {
                LogRecords.Page page = reader.decisions(query.page(100 - found.size(), before));
                found.addAll(page.decisions());
                before = page.next();
            }
            List<Entry> wanted = expected(query);
            assertThat(found).as("%s", query).isEqualTo(wanted.subList(0, Math.min(100, wanted.size())));
        }
    }

    private static List<DecisionQuery> queries(SplittableRandom random, int count) {
        List<DecisionQuery> queries = new ArrayList<>(List.of(
                query("r\u202e1", null, null, null, null),
                query("r2", "y:two", "a \"b\" \u00e9", "b\\c", "t-odd"),
                query(null, null, "https://idp a \"b\" \u00e9", null, null),
                query(null, "no:such", null, null, null),
                query("r*", null, null, null, null),
                query("secret/ci/*", null, null, null, "t-1"),
                new DecisionQuery(null, null, null, null, null, null, null, "deny", 100, Long.MAX_VALUE),
                new DecisionQuery(
                        null,
                        null,
                        null,
                        null,
                        null,
                        BEGIN.plusSeconds(4_000),
                        BEGIN.plusSeconds(4_100),
                        null,
                        100,
                        Long.MAX_VALUE)));
        for (int i = 0; i < count; i++) {
            long task = random.nextLong(CALLS / 100);
            Instant since = BEGIN.plusSeconds(random.nextInt(CALLS));
            queries.add(new DecisionQuery(
                    random.nextBoolean() ? "secret/ci/" + GeneratedLog.service(task) : null,
                    random.nextInt(4) == 0 ? "vault:kv.read" : null,
                    random.nextBoolean() ? "https://idp.example.org " + GeneratedLog.human(task) : null,
                    random.nextInt(3) == 0 ? "spiffe://example.org/agent/release-bot" : null,
                    random.nextInt(3) == 0 ? "t-" + task : null,
                    random.nextInt(3) == 0 ? since : null,
                    random.nextInt(3) == 0 ? since.plusSeconds(random.nextInt(5_000)) : null,
                    random.nextInt(3) == 0 ? "permit" : null,
                    100,
                    Long.MAX_VALUE));
        }
        return queries;
    }

    private static DecisionQuery query(
            @Nullable String resource,
            @Nullable String operation,
            @Nullable String human,
            @Nullable String agent,
            @Nullable String task) {
        return new DecisionQuery(resource, operation, human, agent, task, null, null, null, 100, Long.MAX_VALUE);
    }

    private static Instant time(Entry entry) {
        return Instant.parse(String.valueOf(entry.json().string("time")));
    }

    private List<Entry> expected(DecisionQuery query) {
        List<Entry> wanted = new ArrayList<>(
                all.stream().filter(entry -> query.matches(entry.json())).toList());
        Collections.reverse(wanted);
        return wanted;
    }

    private List<Entry> decision(String decision) {
        return all.stream()
                .filter(entry -> decision.equals(entry.json().string("decision")))
                .filter(entry -> !"ended".equals(entry.json().string("kind")))
                .toList();
    }

    private List<Entry> task(String task) {
        Set<String> decisions = new HashSet<>();
        List<Entry> found = new ArrayList<>();
        for (Entry entry : all) {
            JsonObject json = entry.json();
            if (task.equals(json.string("task"))) {
                found.add(entry);
                decisions.add(String.valueOf(json.string("decision")));
            } else if ("outcome".equals(json.string("kind")) && decisions.contains(json.string("decision"))) {
                found.add(entry);
            }
        }
        return found;
    }
}
