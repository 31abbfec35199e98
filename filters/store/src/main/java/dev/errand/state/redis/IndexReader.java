package dev.errand.state.redis;

import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.IndexedTask;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.record.TaskGlance;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads pages of the index. Tasks are in the order of their starts, so a page is found without reading earlier pages;
 * the state of each task is read from its own record. Thread-safe, never blocking; fails with
 * {@link StoreUnavailableException}.
 *
 * @param link the connection; the caller must close it
 */
public record IndexReader(RedisLink link, RecordTerms terms) {
    /** The most entries that one question to the store reads. */
    private static final int AT_ONCE = 250;

    /** The page that the query selects. */
    public Mono<IndexPage> page(IndexQuery query) {
        long untilNanos = System.nanoTime() + query.withinMillis() * 1_000_000;
        return more(query, new ArrayList<>(), query.below(), untilNanos);
    }

    private Mono<IndexPage> more(IndexQuery query, List<FleetTask> found, @Nullable String below, long untilNanos) {
        int wanted = query.limit() - found.size();
        int count = Math.min(AT_ONCE, Math.max(wanted, query.limit() / 4));
        return RedisTaskIndex.within(() -> link.ask(commands -> members(commands, query, below, count + 1)
                        .thenCompose(members -> entries(commands, members.subList(0, Math.min(count, members.size())))
                                .thenApply(tasks -> new Batch(members, tasks)))))
                .flatMap(batch -> {
                    String last = below;
                    for (int i = 0; i < batch.tasks().size(); i++) {
                        FleetTask task = batch.tasks().get(i).orElse(null);
                        last = batch.members().get(i);
                        if (task != null && query.matches(task)) {
                            found.add(task);
                        }
                        if (found.size() == query.limit()) {
                            return Mono.just(page(found, i + 1 < batch.members().size() ? last : null));
                        }
                    }
                    if (batch.members().size() <= count) {
                        return Mono.just(page(found, null));
                    }
                    return System.nanoTime() - untilNanos > 0
                            ? Mono.just(page(found, last))
                            : more(query, found, last, untilNanos);
                });
    }

    /** @param members in their order; one more than there are tasks if the index has more */
    private record Batch(List<String> members, List<Optional<FleetTask>> tasks) {}

    private static IndexPage page(List<FleetTask> found, @Nullable String below) {
        return new IndexPage(found, below, System.currentTimeMillis());
    }

    /**
     * The members below that one, the newest first. Tasks are spread over the shards, so a part of a page from each
     * shard is usually enough; if one shard's part is used up, every shard is asked for a whole page.
     */
    private static CompletableFuture<List<String>> members(
            RedisClusterAsyncCommands<byte[], byte[]> commands, IndexQuery query, @Nullable String below, int count) {
        int part = Math.min(count, count / 4 + 8);
        return shards(commands, query, below, part).thenCompose(lists -> {
            List<String> newest = newest(lists, count);
            String last = newest.isEmpty() ? "" : newest.get(newest.size() - 1);
            boolean usedUp = part < count
                    && lists.stream()
                            .anyMatch(list -> list.size() == part
                                    && (newest.size() < count
                                            || list.get(part - 1).compareTo(last) >= 0));
            return usedUp
                    ? shards(commands, query, below, count).thenApply(whole -> newest(whole, count))
                    : CompletableFuture.completedFuture(newest);
        });
    }

    private static CompletableFuture<List<List<String>>> shards(
            RedisClusterAsyncCommands<byte[], byte[]> commands, IndexQuery query, @Nullable String below, int each) {
        Boundary<byte[]> upper = below == null ? Boundary.unbounded() : Boundary.excluding(FleetKeys.ascii(below));
        Range<byte[]> range = Range.from(Boundary.unbounded(), upper);
        List<CompletableFuture<List<String>>> shards = new ArrayList<>();
        for (int shard = 0; shard < FleetKeys.SHARDS; shard++) {
            shards.add(commands.zrevrangebylex(FleetKeys.set(shard, query), range, Limit.from(each))
                    .toCompletableFuture()
                    .thenApply(members ->
                            members.stream().map(RedisTaskIndex::text).toList()));
        }
        return EntryReader.all(shards);
    }

    private static List<String> newest(List<List<String>> shards, int count) {
        return shards.stream()
                .flatMap(List::stream)
                .filter(IndexedTask::isMember)
                .sorted(Comparator.reverseOrder())
                .limit(count)
                .toList();
    }

    private CompletableFuture<List<Optional<FleetTask>>> entries(
            RedisClusterAsyncCommands<byte[], byte[]> commands, List<String> members) {
        List<CompletableFuture<Optional<FleetTask>>> tasks = new ArrayList<>(members.size());
        for (String member : members) {
            String task = IndexedTask.taskOf(member);
            byte[] entry = FleetKeys.entry(task);
            CompletableFuture<Glance> record = record(commands, task);
            tasks.add(commands.hgetall(entry)
                    .toCompletableFuture()
                    .thenCombine(
                            record,
                            (fields, glance) -> Optional.ofNullable(
                                    EntryReader.task(terms.seal(), entry, fields, glance.head(), glance.readable()))));
        }
        return EntryReader.all(tasks);
    }

    /** One task by its id; empty if the index does not have it. */
    public Mono<Optional<FleetTask>> task(String task) {
        byte[] entry = FleetKeys.entry(task);
        return RedisTaskIndex.within(() -> link.ask(commands -> commands.hgetall(entry)
                .toCompletableFuture()
                .thenCombine(
                        record(commands, task),
                        (fields, glance) -> Optional.ofNullable(
                                EntryReader.task(terms.seal(), entry, fields, glance.head(), glance.readable())))));
    }

    /** The head of a task's record; empty if the store has none. */
    public Mono<Optional<TaskGlance>> glance(String task) {
        return RedisTaskIndex.within(() -> link.ask(commands -> record(commands, task)))
                .flatMap(glance -> glance.readable()
                        ? Mono.just(Optional.ofNullable(glance.head()))
                        : Mono.error(new StoreUnavailableException("the record of a task cannot be read")));
    }

    /** @param head null if there is no record, or if it is not readable */
    private record Glance(@Nullable TaskGlance head, boolean readable) {}

    private CompletableFuture<Glance> record(RedisClusterAsyncCommands<byte[], byte[]> commands, String task) {
        byte[] key = FleetKeys.ascii("{" + task + "}");
        return commands.hmget(key, StepScript.recordFields())
                .toCompletableFuture()
                .thenApply(values -> {
                    byte[] stored = StepScript.record(values);
                    if (stored.length == 0) {
                        return new Glance(null, true);
                    }
                    try {
                        return new Glance(
                                terms.formats().glance(terms.seal().open(key, stored, StepScript.TAG_BYTES), 0), true);
                    } catch (StoreUnavailableException | IllegalArgumentException notOurs) {
                        return new Glance(null, false);
                    }
                });
    }
}
