package dev.errand.state.redis;

import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of tasks' hashes in a store, as somebody sees and changes them who can write there. */
public record StoredFields(RedisLink link) {
    /** The task's record with its tag. */
    public byte[] record(TaskKey key) throws Exception {
        return StepScript.record(link.ask(commands ->
                        commands.hmget(name(key), StepScript.recordFields()).toCompletableFuture())
                .get());
    }

    public void putRecord(TaskKey key, byte[] record) throws Exception {
        for (StepScript.Field field : StepScript.fields(record, true)) {
            put(key, field.name(), field.value());
        }
    }

    public byte[] part(TaskKey key, String name) throws Exception {
        return get(key, TaskKeys.partField(name));
    }

    public void putPart(TaskKey key, String name, byte[] value) throws Exception {
        put(key, TaskKeys.partField(name), value);
    }

    public void removePart(TaskKey key, String name) throws Exception {
        link.ask(commands -> commands.hdel(name(key), TaskKeys.partField(name)).toCompletableFuture())
                .get();
    }

    /** The value of that field, or null. */
    public byte @Nullable [] get(TaskKey key, byte[] field) throws Exception {
        return link.<byte @Nullable []>ask(
                        commands -> commands.hget(name(key), field).toCompletableFuture())
                .get();
    }

    private void put(TaskKey key, byte[] field, byte[] value) throws Exception {
        link.ask(commands -> commands.hset(name(key), Map.of(field, value)).toCompletableFuture())
                .get();
    }

    /** The names of all fields. */
    public List<byte[]> names(TaskKey key) throws Exception {
        return link.ask(commands -> commands.hkeys(name(key)).toCompletableFuture())
                .get();
    }

    /** Removes the whole hash. */
    public void delete(TaskKey key) throws Exception {
        link.ask(commands -> commands.del(name(key)).toCompletableFuture()).get();
    }

    /** How long the hash will be kept, in milliseconds. */
    public long left(TaskKey key) throws Exception {
        return link.ask(commands -> commands.pttl(name(key)).toCompletableFuture())
                .get();
    }

    /** Has the hash never expire, as if its replica had died before it set the time. */
    public void keepForEver(TaskKey key) throws Exception {
        link.ask(commands -> commands.persist(name(key)).toCompletableFuture()).get();
    }

    private static byte[] name(TaskKey key) {
        return new TaskKeys(key).record();
    }
}
