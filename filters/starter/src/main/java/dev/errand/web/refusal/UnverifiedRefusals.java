package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.task.TaskOutcome;
import dev.errand.web.Call;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Records refusals of callers whose proof did not verify or was a repetition: at most 100 a second one by one, the rest as
 * counts by route and code, so that a flood fills no disk. Thread-safe.
 */
final class UnverifiedRefusals {
    /** How many are recorded one by one in a second. */
    static final int PER_SECOND = 100;

    private record Kind(String route, String code) {}

    private final ProvenanceLog log;
    private final Records records;

    private final PerSecond bound = new PerSecond(PER_SECOND, System::nanoTime);

    // guarded by this
    private final Map<Kind, Long> beyond = new HashMap<>();

    UnverifiedRefusals(ProvenanceLog log, Records records) {
        this.log = log;
        this.records = records;
    }

    /**
     * A refusal that was taken.
     *
     * @param recorded completes when it is recorded or counted; never fails, since the caller is refused either way
     * @param line how it is logged
     */
    record Taken(Mono<Void> recorded, Reply.Line line) {}

    /**
     * Takes one refusal, to be recorded or counted.
     *
     * @param denied the outcome of a step, or null
     */
    Taken take(Call call, Denial denial, TaskOutcome.@Nullable Denied denied) {
        return admit(call, denial)
                ? new Taken(
                        log.append(records.denied(call, denial, denied)).onErrorComplete(LogUnavailableException.class),
                        Reply.Line.UNVERIFIED)
                : new Taken(Mono.empty(), Reply.Line.COUNTED);
    }

    private synchronized boolean admit(Call call, Denial denial) {
        if (bound.take()) {
            return true;
        }
        beyond.merge(new Kind(call.route(), denial.reason().code()), 1L, Long::sum);
        return false;
    }

    /** Appends the counts gathered since the last time; called once a second. */
    Mono<Void> flush() {
        List<ProvenanceRecord.Refused> counts = drain();
        return Flux.fromIterable(counts)
                .concatMap(count ->
                        log.append(count).doOnError(e -> restore(count)).onErrorComplete())
                .then();
    }

    private synchronized void restore(ProvenanceRecord.Refused count) {
        beyond.merge(new Kind(String.valueOf(count.route()), count.code()), count.count(), Long::sum);
    }

    private synchronized List<ProvenanceRecord.Refused> drain() {
        List<ProvenanceRecord.Refused> counts = new ArrayList<>();
        beyond.forEach((kind, count) ->
                counts.add(new ProvenanceRecord.Refused(Instant.now(), kind.route(), kind.code(), count)));
        beyond.clear();
        return counts;
    }
}
