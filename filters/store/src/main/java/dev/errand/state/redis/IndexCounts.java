package dev.errand.state.redis;

import dev.errand.task.TaskState;
import io.lettuce.core.Range;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The number of tasks of the index in each state. A task that is over stays in the index for some seconds. Immutable.
 *
 * @param active running tasks
 * @param completed tasks that a holder ended
 * @param interrupted tasks that a reaction or an operator ended
 * @param expired tasks whose time is over
 */
public record IndexCounts(long active, long completed, long interrupted, long expired) {
    /** The counts before the index was first counted. */
    public static final IndexCounts NONE = new IndexCounts(0, 0, 0, 0);

    /** How many tasks are in that state. */
    public long of(TaskState state) {
        return switch (state) {
            case ACTIVE -> active;
            case COMPLETED -> completed;
            case INTERRUPTED -> interrupted;
            case EXPIRED -> expired;
        };
    }

    static CompletableFuture<IndexCounts> ask(RedisClusterAsyncCommands<byte[], byte[]> commands) {
        double over = System.currentTimeMillis() + RedisTaskIndex.lingerMillis();
        List<CompletableFuture<IndexCounts>> shards = new ArrayList<>();
        for (int shard = 0; shard < FleetKeys.SHARDS; shard++) {
            CompletableFuture<Long> all = commands.zcard(FleetKeys.all(shard)).toCompletableFuture();
            CompletableFuture<Long> leaving = commands.zcount(FleetKeys.leaving(shard), Range.create(0.0, over))
                    .toCompletableFuture();
            CompletableFuture<Long> completed =
                    commands.zcard(FleetKeys.ended(shard, TaskState.COMPLETED)).toCompletableFuture();
            CompletableFuture<Long> interrupted = commands.zcard(FleetKeys.ended(shard, TaskState.INTERRUPTED))
                    .toCompletableFuture();
            shards.add(CompletableFuture.allOf(all, leaving, completed, interrupted)
                    .thenApply(done -> of(all.join(), leaving.join(), completed.join(), interrupted.join())));
        }
        return EntryReader.all(shards).thenApply(counted -> counted.stream().reduce(NONE, IndexCounts::plus));
    }

    private static IndexCounts of(long all, long over, long completed, long interrupted) {
        return new IndexCounts(
                Math.max(0, all - over), completed, interrupted, Math.max(0, over - completed - interrupted));
    }

    private IndexCounts plus(IndexCounts more) {
        return new IndexCounts(
                active + more.active,
                completed + more.completed,
                interrupted + more.interrupted,
                expired + more.expired);
    }
}
