package dev.errand.state.redis;

import dev.errand.state.FleetTask;
import dev.errand.state.IndexedTask;
import dev.errand.task.TaskState;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Removes one task from the index. Each command may run twice, from any replica. Sorted sets that an unreadable entry
 * does not name expire by themselves.
 */
record IndexRemoval(RedisClusterAsyncCommands<byte[], byte[]> commands, Seal seal, int shard, byte[] member) {
    CompletableFuture<Void> leave() {
        byte[] entry = FleetKeys.entry(IndexedTask.taskOf(RedisTaskIndex.text(member)));
        return commands.hgetall(entry).toCompletableFuture().thenCompose(fields -> {
            FleetTask task = EntryReader.task(seal, entry, fields, null, true);
            List<CompletableFuture<?>> out = new ArrayList<>();
            if (task != null) {
                FleetKeys.sets(task.facts(), task.holders()).forEach(set -> out.add(remove(set)));
            }
            out.add(remove(FleetKeys.all(shard)));
            out.add(remove(FleetKeys.ended(shard, TaskState.COMPLETED)));
            out.add(remove(FleetKeys.ended(shard, TaskState.INTERRUPTED)));
            out.add(commands.del(entry).toCompletableFuture());
            // Removed last: while the member is in this set, another sweep finishes what this one did not.
            return CompletableFuture.allOf(out.toArray(CompletableFuture[]::new))
                    .thenCompose(done -> remove(FleetKeys.leaving(shard)))
                    .thenAccept(done -> {});
        });
    }

    private CompletableFuture<Long> remove(byte[] set) {
        return commands.zrem(set, member).toCompletableFuture();
    }
}
