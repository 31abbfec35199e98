package dev.errand.state.redis.fleet;

import dev.errand.state.fleet.IndexedTask;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.state.redis.seal.Seal;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads in which format the records of the index's tasks are stored. It reads one byte of each record and verifies no
 * seal, so the answer serves only to find records. Thread-safe, never blocking; fails with
 * {@link dev.errand.state.StoreUnavailableException}.
 */
public final class FormatReader {
    private static final int SEALED_AT = StepScript.TAG_BYTES + 1 + Seal.CODE_BYTES;

    private final RedisLink link;

    /** @param link the connection; the caller must close it */
    public FormatReader(RedisLink link) {
        this.link = link;
    }

    /**
     * Some tasks of a shard, the oldest start first.
     *
     * @param tasks those that have a record
     * @param next the member after which the next page begins; null on the last page
     */
    public record Page(List<Stored> tasks, @Nullable String next) {
        public Page {
            tasks = List.copyOf(tasks);
        }
    }

    /** A task's id, and the format of its record. */
    public record Stored(String task, int format) {}

    /**
     * The page of a shard that begins after that member.
     *
     * @param behind null for the first page
     * @param count how many tasks the page looks at
     */
    public Mono<Page> page(int shard, @Nullable String behind, int count) {
        Boundary<byte[]> lower = behind == null ? Boundary.unbounded() : Boundary.excluding(FleetKeys.ascii(behind));
        Range<byte[]> range = Range.from(lower, Boundary.unbounded());
        return RedisTaskIndex.within(() -> link.ask(commands -> commands.zrangebylex(
                        FleetKeys.all(shard), range, Limit.from(count))
                .toCompletableFuture()
                .thenCompose(found -> {
                    List<String> members =
                            found.stream().map(RedisTaskIndex::text).toList();
                    String next = members.size() < count ? null : members.get(count - 1);
                    List<String> ours =
                            members.stream().filter(IndexedTask::isMember).toList();
                    return formats(commands, ours).thenApply(stored -> new Page(stored, next));
                })));
    }

    private static CompletableFuture<List<Stored>> formats(
            RedisClusterAsyncCommands<byte[], byte[]> commands, List<String> members) {
        List<CompletableFuture<List<Stored>>> formats = new ArrayList<>(members.size());
        for (String member : members) {
            String task = IndexedTask.taskOf(member);
            formats.add(commands.getrange(FleetKeys.ascii("{" + task + "}"), 0, SEALED_AT)
                    .toCompletableFuture()
                    .thenApply(head -> format(head) < 0 ? List.of() : List.of(new Stored(task, format(head)))));
        }
        return EntryReader.all(formats)
                .thenApply(found -> found.stream().flatMap(List::stream).toList());
    }

    /** The format byte of a record, which follows its tag and its code; -1 if there is none. */
    private static int format(byte[] head) {
        if (head.length <= StepScript.TAG_BYTES) {
            return -1;
        }
        if (head[StepScript.TAG_BYTES] != Seal.MARK) {
            return head[StepScript.TAG_BYTES];
        }
        return head.length > SEALED_AT ? head[SEALED_AT] : -1;
    }
}
