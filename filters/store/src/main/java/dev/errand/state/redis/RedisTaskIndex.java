package dev.errand.state.redis;

import dev.errand.state.IndexedTask;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskNote;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskState;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ZAddArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The index of the fleet's live tasks, in Redis 6.2 or later, Valkey, or a Redis Cluster. A task that is over leaves it
 * {@value #LINGER_SECONDS} s later. Thread-safe, never blocking; fails with {@link StoreUnavailableException}.
 */
public final class RedisTaskIndex {
    /**
     * The most tasks in the index. Tasks are spread over the shards by their ids; each shard has a fixed share of this
     * number.
     */
    public static final long MOST_TASKS = 1_000_000;

    static final int LINGER_SECONDS = 30;
    private static final long LINGER_MILLIS = Duration.ofSeconds(LINGER_SECONDS).toMillis();

    /** How long the keys of an entry outlive the task if no replica removes them. */
    private static final long KEPT_MILLIS = Duration.ofMinutes(10).toMillis();

    private static final int SWEPT_AT_ONCE = 200;

    private final RedisLink link;
    private final Seal seal;
    private final long mostOfShard;

    /** @param link the connection; the caller must close it */
    public RedisTaskIndex(RedisLink link, Seal seal) {
        this(link, seal, MOST_TASKS);
    }

    RedisTaskIndex(RedisLink link, Seal seal, long most) {
        this.link = link;
        this.seal = seal;
        this.mostOfShard = Math.max(1, most / FleetKeys.SHARDS);
    }

    /**
     * A change of one task's entry.
     *
     * @param holders holders by which the task is found, in addition to the root's
     * @param whole whether the index may lack the task, or one of the holders
     * @param instance the replica that wrote the note; null if there is no note yet
     */
    public record Change(
            IndexedTask task,
            Collection<String> holders,
            boolean whole,
            @Nullable String instance,
            @Nullable TaskNote note) {}

    /** Enters a task that starts; false if the index is full. */
    public Mono<Boolean> enter(IndexedTask task) {
        Change change = new Change(task, List.of(), true, null, null);
        return within(() -> IndexWrites.run(link, List.of(write(change)), mostOfShard))
                .map(entered -> entered.get(0));
    }

    /** Writes changes, in a few calls for each shard. */
    public Mono<Void> write(List<Change> changes) {
        List<List<IndexWrites.Write>> batches = new ArrayList<>();
        for (int shard = 0; shard < FleetKeys.SHARDS; shard++) {
            List<IndexWrites.Write> batch = new ArrayList<>();
            for (Change change : changes) {
                if (FleetKeys.shard(change.task().task()) == shard) {
                    batch.add(write(change));
                }
                if (batch.size() == IndexWrites.MOST) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                }
            }
            if (!batch.isEmpty()) {
                batches.add(batch);
            }
        }
        return Flux.fromIterable(batches)
                .concatMap(batch -> within(() -> IndexWrites.run(link, batch, mostOfShard)))
                .then();
    }

    private IndexWrites.Write write(Change change) {
        IndexedTask task = change.task();
        byte[] entry = FleetKeys.entry(task.task());
        TaskNote note = change.note();
        return new IndexWrites.Write(
                entry,
                FleetKeys.shard(task.task()),
                change.whole(),
                change.whole() ? FleetKeys.sets(task, change.holders()) : List.of(),
                FleetKeys.ascii(task.member()),
                task.expiresMillis() + LINGER_MILLIS,
                task.expiresMillis() + KEPT_MILLIS,
                fields(entry, FleetKeys.FACTS, task.write()),
                note == null || change.instance() == null
                        ? List.of()
                        : fields(entry, FleetKeys.ascii(change.instance()), note.write()));
    }

    private List<StepScript.Field> fields(byte[] entry, byte[] field, byte[] value) {
        return StepScript.fields(FleetKeys.pieces(field), seal.seal(FleetKeys.sealed(entry, field), value), true);
    }

    /** The last notes of that replica about these tasks, in their order; empty for a task without a note. */
    public Mono<List<Optional<TaskNote>>> notes(List<String> tasks, String instance) {
        byte[] field = FleetKeys.ascii(instance);
        return within(() -> link.ask(commands -> {
            List<CompletableFuture<Optional<TaskNote>>> notes = new ArrayList<>();
            for (String task : tasks) {
                byte[] entry = FleetKeys.entry(task);
                notes.add(commands.hmget(entry, FleetKeys.pieces(field))
                        .toCompletableFuture()
                        .thenApply(stored ->
                                Optional.ofNullable(EntryReader.note(seal, entry, field, StepScript.record(stored)))));
            }
            return EntryReader.all(notes);
        }));
    }

    /** Notes that a task ended early, so that it leaves the index soon. */
    public Mono<Void> over(String task, TaskState how) {
        byte[] entry = FleetKeys.entry(task);
        int shard = FleetKeys.shard(task);
        long leaves = System.currentTimeMillis() + LINGER_MILLIS;
        return within(() -> link.ask(commands -> commands.hget(entry, FleetKeys.MEMBER)
                        .toCompletableFuture()
                        .thenCompose(member -> member == null
                                ? CompletableFuture.completedFuture(0L)
                                : commands.zadd(
                                                FleetKeys.leaving(shard),
                                                ZAddArgs.Builder.xx().lt().ch(),
                                                (double) leaves,
                                                member)
                                        .toCompletableFuture()
                                        .thenCompose(changed -> changed == 0
                                                ? CompletableFuture.completedFuture(0L)
                                                : commands.zadd(FleetKeys.ended(shard, how), (double) leaves, member)
                                                        .toCompletableFuture()))))
                .then();
    }

    /** Notes which operator ended a task; does nothing if the index does not have the task. */
    public Mono<Void> endedBy(String task, String operator) {
        byte[] entry = FleetKeys.entry(task);
        byte[] sealed =
                seal.seal(FleetKeys.sealed(entry, FleetKeys.OPERATOR), operator.getBytes(StandardCharsets.UTF_8));
        return within(() -> link.ask(commands -> commands.hexists(entry, FleetKeys.MEMBER)
                        .toCompletableFuture()
                        .thenCompose(there -> there
                                ? commands.hset(entry, FleetKeys.OPERATOR, sealed)
                                        .toCompletableFuture()
                                : CompletableFuture.completedFuture(false))))
                .then();
    }

    /** Removes up to {@value #SWEPT_AT_ONCE} tasks of a shard that are over; the number found. */
    public Mono<Integer> sweep(int shard) {
        double now = System.currentTimeMillis();
        return within(() -> link.ask(commands -> commands.zrangebyscore(
                        FleetKeys.leaving(shard), Range.create(0.0, now), Limit.create(0, SWEPT_AT_ONCE))
                .toCompletableFuture()
                .thenCompose(members -> {
                    List<CompletableFuture<Void>> out = new ArrayList<>();
                    for (byte[] member : members) {
                        out.add(new IndexRemoval(commands, seal, shard, member).leave());
                    }
                    return EntryReader.all(out).thenApply(List::size);
                })));
    }

    /** The number of shards to {@link #sweep}. */
    public static int shards() {
        return FleetKeys.SHARDS;
    }

    /** Removes at once a task whose start failed. */
    public Mono<Void> leave(IndexedTask task) {
        return within(() -> link.ask(commands -> new IndexRemoval(
                        commands, seal, FleetKeys.shard(task.task()), FleetKeys.ascii(task.member()))
                .leave()));
    }

    /** How many tasks of the index are in each state. */
    public Mono<IndexCounts> counts() {
        return within(() -> link.ask(IndexCounts::ask));
    }

    /** How long an entry stays after its task's end, in milliseconds. */
    static long lingerMillis() {
        return LINGER_MILLIS;
    }

    /** What the store answers; a failure is its cause. */
    static <T extends @Nullable Object> Mono<T> within(Supplier<CompletableFuture<T>> question) {
        return Mono.fromFuture(question)
                .publishOn(Schedulers.parallel())
                .onErrorMap(CompletionException.class, wrapped -> {
                    Throwable cause = wrapped.getCause();
                    return cause == null ? wrapped : cause;
                });
    }

    static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }
}
