package dev.errand.state.redis.fleet;

import dev.errand.state.redis.link.RedisLink;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.codec.Base16;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The script that writes entries of the index; one call writes entries of one shard. */
final class IndexScript {
    /** The most entries that one call writes, so that no agent's call waits long for it. */
    static final int MOST = 32;

    // KEYS, for each entry: the entry, the shard's set of all, the set of those that leave, further sets. ARGV: the
    // most entries of the shard; then for each entry: the number of further sets, its member, when it leaves, until
    // when its keys are kept, its facts, the field of the replica or '', and the replica's note. The answer has one
    // letter for each entry: n new, k known, f full.
    private static final String TEXT = """
            local t = redis.call('TIME')
            local now = t[1] * 1000 + math.floor(t[2] / 1000)
            local most = tonumber(ARGV[1])
            local function put(set, score, member, keep)
              redis.call('ZADD', set, score, member)
              if redis.call('PTTL', set) < tonumber(keep) - now then redis.call('PEXPIREAT', set, keep) end
            end
            local k, a, answer = 1, 2, ''
            while a <= #ARGV do
              local more, leaves, keep = tonumber(ARGV[a]), ARGV[a + 2], ARGV[a + 3]
              local kept = redis.call('HGET', KEYS[k], '=m')
              if kept then
                answer = answer .. 'k'
              elseif redis.call('ZCARD', KEYS[k + 1]) >= most then
                answer = answer .. 'f'
              else
                answer = answer .. 'n'
                kept = ARGV[a + 1]
                redis.call('HSET', KEYS[k], '=m', kept, '=s', ARGV[a + 4])
                redis.call('PEXPIREAT', KEYS[k], keep)
                put(KEYS[k + 1], 0, kept, keep)
                put(KEYS[k + 2], leaves, kept, keep)
              end
              if kept then
                if ARGV[a + 5] ~= '' then redis.call('HSET', KEYS[k], ARGV[a + 5], ARGV[a + 6]) end
                for i = k + 3, k + 2 + more do put(KEYS[i], 0, kept, keep) end
              end
              k = k + 3 + more
              a = a + 7
            end
            return answer
            """;

    private static final String SHA = Base16.digest(TEXT.getBytes(StandardCharsets.UTF_8));

    private IndexScript() {}

    /**
     * One entry to write.
     *
     * @param sets further sorted sets that must contain the entry
     * @param field the replica's field; empty if the replica has no note
     */
    record Write(
            byte[] entry,
            int shard,
            List<byte[]> sets,
            byte[] member,
            long leavesMillis,
            long keepMillis,
            byte[] facts,
            byte[] field,
            byte[] note) {}

    /** Writes entries of one shard; the answer has one letter for each. */
    static CompletableFuture<String> run(RedisLink link, List<Write> writes, long most) {
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(number(most));
        for (Write write : writes) {
            keys.add(write.entry());
            keys.add(FleetKeys.all(write.shard()));
            keys.add(FleetKeys.leaving(write.shard()));
            keys.addAll(write.sets());
            arguments.add(number(write.sets().size()));
            arguments.add(write.member());
            arguments.add(number(write.leavesMillis()));
            arguments.add(number(write.keepMillis()));
            arguments.add(write.facts());
            arguments.add(write.field());
            arguments.add(write.note());
        }
        byte[][] allKeys = keys.toArray(byte[][]::new);
        byte[][] allArguments = arguments.toArray(byte[][]::new);
        return link.<byte[]>ask(commands -> commands.<byte[]>evalsha(SHA, ScriptOutputType.VALUE, allKeys, allArguments)
                        .toCompletableFuture()
                        .exceptionallyCompose(failure -> isUnknown(failure)
                                ? commands.<byte[]>eval(TEXT, ScriptOutputType.VALUE, allKeys, allArguments)
                                        .toCompletableFuture()
                                : CompletableFuture.failedFuture(failure)))
                .thenApply(answer -> new String(answer, StandardCharsets.US_ASCII));
    }

    private static boolean isUnknown(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RedisNoScriptException;
    }

    private static byte[] number(long value) {
        return FleetKeys.ascii(Long.toString(value));
    }
}
