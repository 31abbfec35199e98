package dev.errand.fleet;

import dev.errand.state.RegularWork;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskNote;
import dev.errand.state.redis.IndexCounts;
import dev.errand.state.redis.IndexReader;
import dev.errand.state.redis.RedisTaskIndex;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.task.BudgetUse;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Maintains the fleet's index. It writes changed tasks of this replica once a second, and ended tasks at once. Every
 * few seconds it removes tasks that are over. It works in the background until it is closed. If the store was
 * unavailable, it continues when the store is back. Thread-safe.
 */
public final class IndexWriter implements AutoCloseable {

    private static final Duration WRITE = Duration.ofSeconds(1);
    private static final Duration ENDINGS = Duration.ofMillis(250);
    private static final Duration SWEEP = Duration.ofSeconds(5);
    private static final Duration COUNT = Duration.ofSeconds(2);

    private static final int WRITTEN_AT_ONCE = 512;
    private static final int WRITTEN_A_ROUND = 20_000;
    private static final int ENDED_AT_ONCE = 64;
    private static final int MOST_ENDED = 100_000;
    private static final int SWEEPS_A_ROUND = 20;

    private final TaskActivities activities;
    private final RedisTaskStore tasks;
    private final RedisTaskIndex index;
    private final IndexReader reader;
    private final String instance;
    private final Queue<TaskKey> ended = new ConcurrentLinkedQueue<>();
    private final Set<TaskKey> waiting = ConcurrentHashMap.newKeySet();
    private final Disposable.Composite working = Disposables.composite();
    private volatile IndexCounts counts = IndexCounts.NONE;

    /** @param instance the name of this replica */
    public IndexWriter(
            TaskActivities activities,
            RedisTaskStore tasks,
            RedisTaskIndex index,
            IndexReader reader,
            String instance) {
        this.activities = activities;
        this.tasks = tasks;
        this.index = index;
        this.reader = reader;
        this.instance = instance;
    }

    /** Starts the work in the background. */
    public void start() {
        working.add(tasks.endings().subscribe(this::ended));
        every(WRITE, this::write);
        every(ENDINGS, this::tellEndings);
        every(SWEEP, this::sweep);
        every(COUNT, () -> index.counts().doOnNext(counted -> counts = counted).then());
    }

    private void every(Duration period, Supplier<Mono<Void>> work) {
        working.add(RegularWork.every(period, "the index of tasks cannot be kept", work));
    }

    /** The number of tasks of the whole fleet in each state, at most two seconds old. */
    public IndexCounts counts() {
        return counts;
    }

    private void ended(TaskKey key) {
        if (waiting.size() < MOST_ENDED && waiting.add(key)) {
            ended.add(key);
        }
    }

    private Mono<Void> write() {
        List<TaskActivity> due = activities.take(WRITTEN_A_ROUND);
        return Flux.fromIterable(due)
                .buffer(WRITTEN_AT_ONCE)
                .concatMapDelayError(this::write, 1)
                .then();
    }

    private Mono<Void> write(List<TaskActivity> due) {
        List<TaskActivity> uncounted =
                due.stream().filter(TaskActivity::isUncounted).toList();
        Mono<List<Optional<TaskNote>>> before = uncounted.isEmpty()
                ? Mono.just(List.of())
                : index.notes(uncounted.stream().map(each -> each.task().task()).toList(), instance);
        return before.flatMap(notes -> {
                    for (int i = 0; i < uncounted.size(); i++) {
                        uncounted.get(i).goOnFrom(notes.get(i).orElse(null));
                    }
                    Set<TaskActivity> fresh = Set.copyOf(uncounted);
                    return index.write(due.stream()
                            .map(each -> change(each, fresh.contains(each)))
                            .toList());
                })
                .doOnError(e -> activities.putBack(due));
    }

    private RedisTaskIndex.Change change(TaskActivity activity, boolean fresh) {
        TaskActivity.Due due = activity.take(fresh);
        List<BudgetUse> uses =
                due.policy() == null ? List.of() : tasks.uses(activity.key(), due.policy(), due.accounts());
        TaskNote note = new TaskNote(due.permitted(), due.denied(), due.waiting(), due.last(), uses, due.holders());
        return new RedisTaskIndex.Change(activity.task(), due.holders(), due.whole(), instance, note);
    }

    /** Writes the endings of whole tasks to the index. A task stays active if only one of its tokens has ended. */
    private Mono<Void> tellEndings() {
        List<TaskKey> due = new ArrayList<>();
        for (TaskKey next = ended.poll(); next != null; next = ended.poll()) {
            waiting.remove(next);
            due.add(next);
        }
        return Flux.fromIterable(due)
                .flatMap(
                        key -> tellEnding(key).onErrorResume(StoreUnavailableException.class, e -> {
                            ended(key);
                            return Mono.empty();
                        }),
                        ENDED_AT_ONCE)
                .then();
    }

    private Mono<Void> tellEnding(TaskKey key) {
        return reader.glance(key.value())
                .flatMap(glance -> glance.filter(found -> found.ended() != TaskState.ACTIVE)
                        .map(found -> index.over(key.value(), found.ended()))
                        .orElse(Mono.empty()));
    }

    private Mono<Void> sweep() {
        activities.forgetIdle();
        return Flux.range(0, RedisTaskIndex.shards()).concatMap(this::sweep, 1).then();
    }

    private Mono<Void> sweep(int shard) {
        return index.sweep(shard)
                .repeat(SWEEPS_A_ROUND - 1)
                .takeUntil(found -> found == 0)
                .then();
    }

    @Override
    public void close() {
        working.dispose();
    }
}
