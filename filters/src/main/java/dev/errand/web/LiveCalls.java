package dev.errand.web;

import dev.errand.delegation.DelegationToken;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.template.StreamLimits;
import dev.errand.task.template.Template;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The permitted calls that this replica is answering. One that lasts is cut within a second of its task, its token or
 * any token above ceasing to be good, and once the store has been away for a second. Endings are told by the store's
 * channel; since a channel loses messages when it reconnects, lasting calls also ask every half second. Thread-safe.
 */
final class LiveCalls {
    /** How often lasting calls are checked. */
    static final Duration CHECK = Duration.ofMillis(250);

    private static final Logger LOG = LoggerFactory.getLogger(LiveCalls.class);
    private static final long STORE_AWAY_NANOS = Duration.ofMillis(750).toNanos();

    private final TaskStore store;
    private final Map<TaskKey, Set<Live>> byTask = new ConcurrentHashMap<>();

    private volatile long storeSeenNanos = System.nanoTime();
    private volatile long checks;

    LiveCalls(TaskStore store) {
        this.store = store;
    }

    /** One call under way, with the signal that cuts it. */
    record Live(Call call, Sinks.Empty<Void> cut) {
        /** Ends in a {@link CutException} when the call is to be cut, else never. */
        Mono<Void> signal() {
            return cut.asMono();
        }
    }

    /** A live answer was cut. */
    static final class CutException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CutException(String why) {
            super(why, null, false, false);
        }
    }

    Live begin(Call call) {
        Live live = new Live(call, Sinks.empty());
        byTask.compute(call.caller().taskKey(), (key, calls) -> {
            Set<Live> all = calls == null ? ConcurrentHashMap.newKeySet() : calls;
            all.add(live);
            return all;
        });
        return live;
    }

    void end(Live live) {
        byTask.computeIfPresent(live.call().caller().taskKey(), (key, calls) -> {
            calls.remove(live);
            return calls.isEmpty() ? null : calls;
        });
    }

    /** How many calls are being answered. */
    int size() {
        return byTask.values().stream().mapToInt(Collection::size).sum();
    }

    /** Watches until disposed. */
    Disposable watch() {
        Flux<TaskKey> told = store.endings().onErrorResume(e -> Flux.empty());
        Flux<TaskKey> asked = Flux.interval(CHECK).onBackpressureDrop().concatMapIterable(tick -> due());
        return Flux.merge(told, asked).flatMap(this::check, 64).subscribe();
    }

    private List<TaskKey> due() {
        long now = System.nanoTime();
        if (store.isAvailable()) {
            storeSeenNanos = now;
        } else if (now - storeSeenNanos > STORE_AWAY_NANOS) {
            byTask.values().forEach(calls -> calls.forEach(live -> cut(live, "the state store is away")));
            return List.of();
        }
        long epochSeconds = System.currentTimeMillis() / 1000;
        byTask.values()
                .forEach(calls -> calls.forEach(live -> {
                    if (live.call().caller().chain().earliestExpiry() <= epochSeconds) {
                        cut(live, "a token of the chain expired");
                    }
                }));
        long lasting = CHECK.toNanos() * 2;
        byTask.values().forEach(calls -> bound(calls, now, lasting));
        boolean everySecond = checks++ % 2 == 0;
        return everySecond
                ? byTask.entrySet().stream()
                        .filter(entry -> entry.getValue().stream().anyMatch(l -> now - l.call().startedNanos > lasting))
                        .map(Map.Entry::getKey)
                        .toList()
                : List.of();
    }

    /** Holds a task's lasting calls to its template's {@code streams}; of too many the newest are cut. */
    private static void bound(Set<Live> calls, long nowNanos, long lastingNanos) {
        List<Live> streams = calls.stream()
                .filter(live -> nowNanos - live.call().startedNanos > lastingNanos)
                .sorted(Comparator.comparingLong(live -> live.call().startedNanos - nowNanos))
                .toList();
        for (int i = 0; i < streams.size(); i++) {
            Live live = streams.get(i);
            StreamLimits limits = limits(live.call());
            if (i >= limits.max()) {
                cut(live, "the task has " + limits.max() + " streams open here, which is all it may");
            } else if (nowNanos - live.call().startedNanos > limits.each().toNanos()) {
                cut(live, "a stream of this task may last " + limits.each());
            }
        }
    }

    private static StreamLimits limits(Call call) {
        return call.revision
                .policies()
                .template(call.caller().policy().template())
                .map(Template::streams)
                .orElse(StreamLimits.DEFAULT);
    }

    private Mono<Void> check(TaskKey key) {
        Set<Live> calls = byTask.get(key);
        if (calls == null) {
            return Mono.empty();
        }
        return Flux.fromIterable(calls)
                .flatMap(live -> {
                    Call.Caller caller = live.call().caller();
                    TaskStep look = new TaskStep.Look(caller.chain().tokens().stream()
                            .map(DelegationToken::id)
                            .toList());
                    return store.apply(key, caller.policy(), look).doOnNext(outcome -> {
                        if (outcome instanceof TaskOutcome.Ended ended) {
                            cut(live, "the task is " + ended.state().wire());
                        }
                    });
                })
                .onErrorResume(error -> {
                    if (!(error instanceof StoreUnavailableException)) {
                        // One look that fails must not end the watch over all others.
                        LOG.error("a live call could not be checked", error);
                    }
                    return Flux.empty();
                })
                .then();
    }

    private static void cut(Live live, String why) {
        // A call that is not permitted yet, or never will be, is answered by its own step.
        if (live.call().permit != null && live.cut().tryEmitError(new CutException(why)) == Sinks.EmitResult.OK) {
            LOG.info("cut decision={} route={} why={}", live.call().decision, live.call().route, why);
        }
    }
}
