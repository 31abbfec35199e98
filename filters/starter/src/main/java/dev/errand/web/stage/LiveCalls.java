package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.fleet.OrderedEnds;
import dev.errand.json.Printable;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.template.StreamLimits;
import dev.errand.template.Template;
import dev.errand.token.ChainVerifier;
import dev.errand.token.DelegationToken;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.CutException;
import dev.errand.web.LineMarkers;
import dev.errand.web.RunningRevision;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The permitted calls that this replica is answering. A lasting call is cut within a second after its task, its token or a token
 * above has ended, and when the store has been away for a second. The store's channel tells of endings. Since the channel loses
 * messages when it reconnects, the state of lasting calls is also asked for every half second. A call of a task that an operator
 * ordered to end is cut before the store has ended the task. Thread-safe.
 */
final class LiveCalls {
    /** How often lasting calls are checked. */
    static final Duration CHECK = Duration.ofMillis(250);

    private static final long LASTING_NANOS = CHECK.toNanos() * 2;
    private static final Denial GOING_AWAY =
            new Denial(DenyReason.DECISION_UNAVAILABLE, null, "the gateway is stopping: connect again");

    private static final Logger LOG = LoggerFactory.getLogger(LiveCalls.class);
    private static final long STORE_AWAY_NANOS = Duration.ofMillis(750).toNanos();

    private final TaskStore store;
    private final RunningRevision running;
    private final OrderedEnds ordered;
    private final Map<TaskKey, Set<LiveCall>> byTask = new ConcurrentHashMap<>();

    private volatile long storeSeenNanos = System.nanoTime();
    private volatile long checks;

    public LiveCalls(TaskStore store, RunningRevision running, OrderedEnds ordered) {
        this.ordered = ordered;
        this.store = store;
        this.running = running;
    }

    void begin(LiveCall live) {
        byTask.compute(live.call().caller().taskKey(), (key, calls) -> {
            Set<LiveCall> all = calls == null ? ConcurrentHashMap.newKeySet() : calls;
            all.add(live);
            return all;
        });
    }

    void end(LiveCall live) {
        byTask.computeIfPresent(live.call().caller().taskKey(), (key, calls) -> {
            calls.remove(live);
            return calls.isEmpty() ? null : calls;
        });
    }

    /** How many calls are being answered. */
    int size() {
        return byTask.values().stream().mapToInt(Collection::size).sum();
    }

    /** Why a call that will last may not begin, since its task has others open on this replica; null if it may. */
    public @Nullable Denial refuse(Call.Verified asking) {
        int max = limits(asking).max();
        long now = System.nanoTime();
        long open = byTask.getOrDefault(asking.caller().taskKey(), Set.of()).stream()
                .map(LiveCall::call)
                .filter(call -> call.progress() != asking.progress() && begunNanos(call) - begunNanos(asking) <= 0)
                .filter(call -> call.progress().isLasting() || isStream(call, now))
                .count();
        return open < max ? null : tooMany(max);
    }

    private static long begunNanos(Call call) {
        return call.arrived().startedNanos();
    }

    private static Denial tooMany(int max) {
        return new Denial(
                DenyReason.BUDGET_EXHAUSTED,
                "limits",
                "the task has " + max + " streams open here, the most it may have: close one first");
    }

    /** Whether the call's answer has begun and goes on. A call without the beginning of an answer is only slow. */
    private static boolean isStream(Call call, long nowNanos) {
        long answered = call.progress().answeredNanos();
        return answered != 0 && (call.progress().isLasting() || nowNanos - answered > LASTING_NANOS);
    }

    /** Watches until disposed. */
    Disposable watch() {
        Flux<TaskKey> told = store.endings().onErrorResume(e -> Flux.empty());
        Flux<TaskKey> asked = Flux.interval(CHECK).onBackpressureDrop().concatMapIterable(tick -> {
            try {
                return due();
            } catch (RuntimeException bug) {
                // One tick that fails must not end the watch.
                LOG.error("live calls could not be checked", bug);
                return List.of();
            }
        });
        return Flux.merge(told, asked).flatMap(this::check, 64).subscribe();
    }

    /** The replica stops: WebSockets and event streams, which have no end of their own, are ended; the rest may finish. */
    void drain() {
        byTask.values()
                .forEach(calls -> calls.forEach(live -> {
                    if (live.call().progress().isLasting()
                            || live.call().progress().isEventStream()) {
                        cut(live, GOING_AWAY, true);
                    }
                }));
    }

    private List<TaskKey> due() {
        long now = System.nanoTime();
        if (store.isAvailable()) {
            storeSeenNanos = now;
        } else if (now - storeSeenNanos > STORE_AWAY_NANOS) {
            byTask.values()
                    .forEach(calls -> calls.forEach(live -> {
                        // The store permitted a later call, so it answers again; or the call's own step refuses it.
                        if (now - begunNanos(live.call()) > STORE_AWAY_NANOS) {
                            cut(live, new Denial(DenyReason.DECISION_UNAVAILABLE, null, "the state store is away"));
                        }
                    }));
            return List.of();
        }
        Instant instant = Instant.now();
        ChainVerifier trusted = running.current().trust().chains();
        byTask.values()
                .forEach(calls -> calls.forEach(live -> {
                    if (!trusted.stillValid(live.call().caller().chain(), instant)) {
                        String why = "a token of the chain expired, or the key that signed its root is trusted no more";
                        cut(live, new Denial(DenyReason.TASK_ENDED, null, why));
                    }
                }));
        if (ordered.isAny()) {
            byTask.values().forEach(calls -> calls.forEach(this::endAsOrdered));
        }
        byTask.values().forEach(calls -> bound(calls, now));
        boolean everySecond = checks++ % 2 == 0;
        return everySecond
                ? byTask.entrySet().stream()
                        .filter(entry ->
                                entry.getValue().stream().anyMatch(l -> now - begunNanos(l.call()) > LASTING_NANOS))
                        .map(Map.Entry::getKey)
                        .toList()
                : List.of();
    }

    private void endAsOrdered(LiveCall live) {
        Caller caller = live.call().caller();
        String template = caller.policy().template();
        if (ordered.includes(caller.chain(), template.isEmpty() ? null : template)) {
            cut(live, ended(TaskState.INTERRUPTED));
        }
    }

    private static Denial ended(TaskState state) {
        return new Denial(DenyReason.TASK_ENDED, null, "the task is " + state.wire());
    }

    /** Holds a task's streams to its template's limits; if there are too many, the newest are cut. */
    private static void bound(Set<LiveCall> calls, long nowNanos) {
        List<LiveCall> streams = calls.stream()
                .filter(live -> isStream(live.call(), nowNanos))
                .sorted(Comparator.comparingLong(live -> begunNanos(live.call()) - nowNanos))
                .toList();
        for (int i = 0; i < streams.size(); i++) {
            int max = limits(streams.get(i).call()).max();
            if (i >= max) {
                cut(streams.get(i), tooMany(max));
            }
        }
        for (LiveCall live : calls) {
            Duration each = limits(live.call()).each();
            if (nowNanos - begunNanos(live.call()) > each.toNanos()) {
                cut(live, new Denial(DenyReason.BUDGET_EXHAUSTED, "limits", "a stream of this task may last " + each));
            }
        }
    }

    private static StreamLimits limits(Call.Verified call) {
        return call.arrived()
                .revision()
                .policies()
                .template(call.caller().policy().template())
                .map(Template::streams)
                .orElse(StreamLimits.DEFAULT);
    }

    private Mono<Void> check(TaskKey key) {
        Set<LiveCall> calls = byTask.get(key);
        if (calls == null) {
            return Mono.empty();
        }
        return Flux.fromIterable(calls)
                .flatMap(live -> {
                    Caller caller = live.call().caller();
                    TaskStep look = new TaskStep.Look(caller.chain().tokens().stream()
                            .map(DelegationToken::id)
                            .toList());
                    return store.apply(key, caller.policy(), look).doOnNext(outcome -> {
                        if (outcome instanceof TaskOutcome.Ended ended) {
                            cut(live, ended(ended.state()));
                        }
                    });
                })
                .onErrorResume(error -> {
                    if (!(error instanceof StoreUnavailableException)) {
                        // An error for one call must not end the watch over the others.
                        LOG.error("a live call could not be checked", error);
                    }
                    return Flux.empty();
                })
                .then();
    }

    private static void cut(LiveCall live, Denial why) {
        cut(live, why, false);
    }

    private static void cut(LiveCall live, Denial why, boolean goingAway) {
        // A call that is not permitted yet, or never will be, is answered by its own step.
        if (live.call().progress().isPermitted() && live.cut(new CutException(why, goingAway))) {
            LOG.info(
                    LineMarkers.VERIFIED,
                    "cut decision={} route={} code={} why=\"{}\"",
                    live.call().decision(),
                    live.call().route(),
                    why.reason().code(),
                    Printable.quoted(why.detail(), 300));
        }
    }
}
