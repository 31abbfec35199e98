package dev.errand.log.read;

import dev.errand.log.write.GeneratedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Prints how long look-ups in a log take that {@link GeneratedLog} wrote, as a running gateway does them; a main, not a test. Arguments:
 * the log's directory, and how many calls it has.
 */
final class LookUpMeasurement {
    private static final int ROUNDS = 200;

    private LookUpMeasurement() {}

    private interface LookUp {
        int run(SplittableRandom random) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int calls = Integer.parseInt(arguments[1]);
        long began = System.nanoTime();
        LogReader.index(directory);
        System.out.printf(Locale.ROOT, "index: %.1f s%n", (System.nanoTime() - began) / 1e9);
        LogReader reader = new LogReader(directory);
        int tasks = calls / 100 - 60;
        measure(
                "decision",
                random -> reader.decision("d-" + random.nextInt(calls)).size());
        measure(
                "no such decision",
                random -> reader.decision("d-none-" + random.nextInt()).size());
        measure("task", random -> reader.task("t-" + random.nextInt(tasks)).size());
        measure("decisions, newest", random -> size(reader, DecisionQuery.ANY));
        measure(
                "decisions on a resource",
                random -> size(
                        reader,
                        query("secret/ci/" + GeneratedLog.service(random.nextInt(500)), null, null, null, null)));
        measure(
                "decisions for a human",
                random -> size(reader, query(null, GeneratedLog.human(random.nextInt(40)), null, null, null)));
        measure(
                "refusals of a human",
                random -> size(reader, query(null, GeneratedLog.human(random.nextInt(40)), "deny", null, null)));
        measure("decisions of one minute", random -> {
            Instant since = Instant.parse("2026-11-24T08:00:00Z").plusMillis(random.nextInt(calls));
            return size(reader, query(null, null, null, since, since.plus(Duration.ofMinutes(1))));
        });
    }

    private static int size(LogReader reader, DecisionQuery query) throws IOException {
        return reader.decisions(query).decisions().size();
    }

    private static DecisionQuery query(
            @Nullable String resource,
            @Nullable String human,
            @Nullable String outcome,
            @Nullable Instant since,
            @Nullable Instant until) {
        return new DecisionQuery(resource, null, human, null, null, since, until, outcome, 100, Long.MAX_VALUE);
    }

    private static void measure(String what, LookUp lookUp) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        long[] nanos = new long[ROUNDS];
        long found = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long began = System.nanoTime();
            found += lookUp.run(random);
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %.1f ms, p99 %.1f ms, %d records each%n",
                what,
                nanos[ROUNDS / 2] / 1e6,
                nanos[ROUNDS * 99 / 100] / 1e6,
                found / ROUNDS);
    }
}
