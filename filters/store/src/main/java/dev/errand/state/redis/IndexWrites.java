package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.Script;
import dev.errand.state.redis.link.StepScript;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes entries of the index. Each command and script makes one write (see {@link Script}), so an entry may be written
 * in part if the store or this replica ends meanwhile. The set of those that leave is written first, so that a sweep
 * removes such an entry.
 */
record IndexWrites(RedisLink link, Write write) {
    /** The most entries that are written together, so that no agent's call waits long for them. */
    static final int MOST = 32;

    // KEYS: the entry, the shard's set of all. ARGV: the most entries of the shard, the member, the place of the last
    // argument of the note; then fields and values of the replica's note, and those of the facts. The answer is f if
    // the
    // shard is full; else n for a new entry, or k for a known one, and the member.
    private static final Script ENTRY = Script.of("""
            local kept = redis.call('HGET', KEYS[1], '=m')
            if kept then
              local last = tonumber(ARGV[3])
              if last > 3 then redis.call('HSET', KEYS[1], unpack(ARGV, 4, last)) end
              return 'k' .. kept
            end
            if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[1]) then return 'f' end
            redis.call('HSET', KEYS[1], '=m', ARGV[2], unpack(ARGV, 4))
            return 'n' .. ARGV[2]
            """);

    // KEYS: a set. ARGV: until when it is kept at least, epoch milliseconds.
    private static final Script KEEP = Script.of("""
            local t = redis.call('TIME')
            local left = redis.call('PTTL', KEYS[1])
            if left ~= -2 and left < ARGV[1] - t[1] * 1000 - math.floor(t[2] / 1000) then
              redis.call('PEXPIREAT', KEYS[1], ARGV[1])
            end
            return ''
            """);

    /**
     * One entry to write.
     *
     * @param whole whether the index may lack the entry, or lack it in one of the sets
     * @param sets further sorted sets that must contain the entry
     * @param note the fields of the replica's note; empty if it has none
     */
    record Write(
            byte[] entry,
            int shard,
            boolean whole,
            List<byte[]> sets,
            byte[] member,
            long leavesMillis,
            long keepMillis,
            List<StepScript.Field> facts,
            List<StepScript.Field> note) {}

    /** Writes entries; the answer has for each whether it is in the index, which has at most so many of its shard. */
    static CompletableFuture<List<Boolean>> run(RedisLink link, List<Write> writes, long most) {
        List<CompletableFuture<Boolean>> written = new ArrayList<>(writes.size());
        for (Write write : writes) {
            written.add(new IndexWrites(link, write).run(most));
        }
        return EntryReader.all(written);
    }

    private CompletableFuture<Boolean> run(long most) {
        byte[] leaving = FleetKeys.leaving(write.shard());
        CompletableFuture<?> first = write.whole()
                ? put(leaving, write.leavesMillis(), write.member())
                : CompletableFuture.completedFuture(null);
        List<byte[]> arguments = new ArrayList<>(List.of(
                number(most), write.member(), number(3 + 2L * write.note().size())));
        for (List<StepScript.Field> fields : List.of(write.note(), write.facts())) {
            fields.forEach(field -> arguments.addAll(List.of(field.name(), field.value())));
        }
        return first.thenCombine(
                        script(ENTRY, arguments, write.entry(), FleetKeys.all(write.shard())), (left, answer) -> answer)
                .thenCompose(answer -> {
                    byte[] kept = Arrays.copyOfRange(answer, 1, answer.length);
                    List<CompletableFuture<?>> more = new ArrayList<>();
                    if (write.whole() && !Arrays.equals(kept, write.member())) {
                        more.add(link.ask(commands ->
                                commands.zrem(leaving, write.member()).toCompletableFuture()));
                    }
                    if (answer[0] == 'n') {
                        more.add(link.expire(write.entry(), write.keepMillis()));
                        more.add(put(FleetKeys.all(write.shard()), 0, kept));
                        if (!write.whole()) {
                            more.add(put(leaving, write.leavesMillis(), kept));
                        }
                    }
                    if (answer[0] != 'f') {
                        write.sets().forEach(set -> more.add(put(set, 0, kept)));
                    }
                    return CompletableFuture.allOf(more.toArray(CompletableFuture[]::new))
                            .thenApply(done -> answer[0] != 'f');
                });
    }

    private CompletableFuture<?> put(byte[] set, double score, byte[] member) {
        return link.<Long>ask(commands -> {
                    // A set that expired is removed by this question, and so not by the write: see Script.
                    commands.exists(set);
                    return commands.zadd(set, score, member).toCompletableFuture();
                })
                .thenCompose(added -> script(KEEP, List.of(number(write.keepMillis())), set));
    }

    private CompletableFuture<byte[]> script(Script script, List<byte[]> arguments, byte[]... keys) {
        return link.run(script, keys, arguments.toArray(byte[][]::new), EndOfTurn.NOW);
    }

    private static byte[] number(long value) {
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }
}
