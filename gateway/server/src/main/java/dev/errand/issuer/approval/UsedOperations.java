package dev.errand.issuer.approval;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import dev.errand.log.read.LogReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Counts in this replica's log how often operations were called lately: in the last {@value #RUNS} runs of a template among
 * the last {@value #RECORDS} records. A count is kept for a minute. Callers who ask at the same time share one count.
 * Thread-safe; the log is not read on an event loop.
 */
final class UsedOperations {
    private static final Logger LOG = LoggerFactory.getLogger(UsedOperations.class);

    static final int RUNS = 100;
    static final int RECORDS = 20_000;

    /** Reads the newest records of the log. */
    @FunctionalInterface
    interface Newest {
        List<LogReader.Entry> read(int records) throws IOException;
    }

    private final Newest log;
    private final Scheduler reading;
    private final AsyncCache<String, Map<String, Long>> counts = Caffeine.newBuilder()
            .maximumSize(256)
            .expireAfterWrite(Duration.ofMinutes(1))
            .executor(Runnable::run)
            .buildAsync();

    UsedOperations(Path directory) {
        this(new LogReader(directory)::newest, Schedulers.boundedElastic());
    }

    UsedOperations(Newest log, Scheduler reading) {
        this.log = log;
        this.reading = reading;
    }

    /** How often the operation was permitted; -1 if the log has no run of the template. */
    Mono<Long> count(String template, String operation) {
        return Mono.fromFuture(
                        () -> counts.get(
                                template, (asked, executor) -> read(asked).toFuture()),
                        true)
                .map(found -> found.isEmpty() ? -1 : found.getOrDefault(operation, 0L));
    }

    private Mono<Map<String, Long>> read(String template) {
        return Mono.fromCallable(() -> count(template, log.read(RECORDS)))
                .subscribeOn(reading)
                .onErrorResume(IOException.class, failed -> {
                    LOG.warn("the log cannot be counted: {}", failed.getMessage());
                    return Mono.just(Map.of());
                });
    }

    private static Map<String, Long> count(String template, List<LogReader.Entry> newest) {
        Set<String> runs = new HashSet<>();
        Map<String, Long> counted = new HashMap<>();
        for (int i = newest.size() - 1; i >= 0; i--) {
            JsonObject record = newest.get(i).json();
            String task = record.string("task");
            boolean permitted = "decision".equals(record.string("kind"))
                    && template.equals(record.string("template"))
                    && RecordFields.isPermit(record);
            if (permitted && task != null && (runs.contains(task) || runs.size() < RUNS)) {
                runs.add(task);
                RecordFields.operations(record).forEach(operation -> counted.merge(operation, 1L, Long::sum));
            }
        }
        return counted;
    }
}
