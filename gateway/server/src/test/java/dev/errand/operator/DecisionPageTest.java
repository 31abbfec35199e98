package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operator.Parameters.UnfitException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages of several logs hold every decision once, the newest first, though each question reads only a part of a log. */
class DecisionPageTest {
    private static final Instant BEGIN = Instant.parse("2026-11-28T08:00:00Z");

    /** A log of one replica: the seconds at which decisions were made that match, and those of all records. */
    private record Log(String instance, List<Integer> seconds, List<Boolean> matching) {
        /** As {@code DecisionSearch} reads: at most so many records, and so many that match. */
        DecisionSlice read(DecisionCursor cursor, int most, int limit, boolean told) {
            List<JsonObject> records = new ArrayList<>();
            List<Long> indexes = new ArrayList<>();
            Instant until = cursor.until(instance, null);
            int read = 0;
            for (int i = (int) Math.min(seconds.size(), Math.max(0, cursor.of(instance))) - 1; i >= 0; i--) {
                if (read == most || records.size() == limit) {
                    return new DecisionSlice(instance, records, indexes, i + 1, told ? at(seconds.get(i)) : null);
                }
                read++;
                if (matching.get(i) && (until == null || at(seconds.get(i)).isBefore(until))) {
                    records.add(record(seconds.get(i)));
                    indexes.add((long) i);
                }
            }
            return new DecisionSlice(instance, records, indexes, -1, null);
        }
    }

    private static Instant at(int seconds) {
        return BEGIN.plusSeconds(seconds);
    }

    private static JsonObject record(int seconds) {
        return new JsonObject(Map.of("time", new JsonString(at(seconds).toString())));
    }

    private static DecisionSlice slice(
            String instance, long next, @Nullable Instant reached, List<Integer> seconds, List<Long> indexes) {
        return new DecisionSlice(
                instance, seconds.stream().map(DecisionPageTest::record).toList(), indexes, next, reached);
    }

    @Test
    void logThatMatchesRarely_holdsBackWhatIsOlderThanItWasReadTo() {
        DecisionSlice rare = slice("a", 5_000, at(100), List.of(), List.of());
        DecisionSlice other = slice("b", -1, null, List.of(120, 80), List.of(7L, 3L));
        DecisionPage page = DecisionPage.of(List.of(rare, other), 100, DecisionCursor.NEWEST);
        assertThat(page.decisions()).containsExactly(record(120));
        assertThat(page.cursor()).isNotNull();
        assertThat(page.cursor().before()).isEqualTo(Map.of("a", 5_000L, "b", 7L));
    }

    @Test
    void logThatDoesNotSayHowFarItWasRead_holdsBackAll() {
        DecisionSlice rare = slice("a", 5_000, null, List.of(), List.of());
        DecisionSlice other = slice("b", -1, null, List.of(120), List.of(7L));
        DecisionPage page = DecisionPage.of(List.of(rare, other), 100, DecisionCursor.NEWEST);
        assertThat(page.decisions()).isEmpty();
        assertThat(page.cursor()).isNotNull();
        assertThat(page.cursor().before()).isEqualTo(Map.of("a", 5_000L, "b", 8L));
    }

    @Test
    void cursor_isReadAsItWasWritten() {
        DecisionCursor cursor = new DecisionCursor(Map.of("a", 5L, "b", -1L), BEGIN.toEpochMilli());
        assertThat(DecisionCursor.parse(cursor.write())).isEqualTo(cursor);
        assertThat(DecisionCursor.parse(new DecisionCursor(Map.of(), null).write()))
                .isEqualTo(DecisionCursor.NEWEST);
    }

    @Test
    void cursor_ofNoTime_isNone() {
        for (long until : new long[] {-1, Long.MAX_VALUE}) {
            String cursor = new DecisionCursor(Map.of("a", 5L), until).write();
            assertThatThrownBy(() -> DecisionCursor.parse(cursor)).isInstanceOf(UnfitException.class);
        }
    }

    /** Decisions are made, and a replica comes, between two pages: both belong before the first page. */
    @Test
    void pages_ofLogsThatGrow_holdEveryDecisionOfTheFirstMoment_theNewestFirst() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 300; round++) {
            List<Log> logs = new ArrayList<>();
            int second = 0;
            for (int i = 0; i < 3; i++) {
                logs.add(new Log("r" + i, new ArrayList<>(), new ArrayList<>()));
            }
            for (int i = random.nextInt(80); i > 0; i--) {
                write(logs.get(random.nextInt(logs.size())), ++second, random.nextInt(6) == 0);
            }
            List<JsonObject> wanted = logs.stream()
                    .flatMap(log -> java.util.stream.IntStream.range(
                                    0, log.seconds().size())
                            .filter(log.matching()::get)
                            .mapToObj(log.seconds()::get))
                    .sorted(Comparator.reverseOrder())
                    .map(DecisionPageTest::record)
                    .toList();
            boolean told = random.nextInt(4) > 0;
            List<JsonObject> found = new ArrayList<>();
            DecisionCursor cursor = DecisionCursor.NEWEST;
            while (cursor != null) {
                DecisionCursor asked = cursor;
                int limit = 1 + random.nextInt(4);
                int most = 1 + random.nextInt(12);
                DecisionPage page = DecisionPage.of(
                        logs.stream()
                                .map(log -> log.read(asked, most, limit, told))
                                .toList(),
                        limit,
                        asked);
                found.addAll(page.decisions());
                cursor = page.cursor() == null
                        ? null
                        : DecisionCursor.parse(page.cursor().write());
                write(logs.get(random.nextInt(logs.size())), ++second, true);
                if (!found.isEmpty() && random.nextInt(4) == 0) {
                    Log late = new Log("late" + second, new ArrayList<>(), new ArrayList<>());
                    write(late, ++second, true);
                    logs.add(late);
                }
            }
            assertThat(found).as("round %s", round).isEqualTo(wanted);
        }
    }

    private static void write(Log log, int second, boolean matching) {
        log.seconds().add(second);
        log.matching().add(matching);
    }
}
