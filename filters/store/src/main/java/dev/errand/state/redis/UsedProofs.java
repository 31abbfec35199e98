package dev.errand.state.redis;

import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreClock;
import dev.errand.task.TaskKey;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Removes marks of used proofs from the hashes of tasks once nothing can present these proofs again. A mark is a field
 * that the step itself writes; the fields of a hash do not expire. So each replica notes the tasks in which it marked
 * {@value #SPARED} proofs, and later removes from their hashes whatever is due, also what other replicas marked there.
 * Fewer marks are left to the end of the task. Thread-safe, never blocking; notes at most {@value #MOST} tasks, and
 * marks in further tasks stay until those tasks end.
 */
final class UsedProofs {
    /** With fewer marks than this a task is left alone. */
    static final int SPARED = 8;

    private static final int MOST = 100_000;
    private static final int AT_ONCE = 16;
    private static final int PAGE = 200;
    private static final long PAUSE_MILLIS = 60_000;
    private static final long AGAIN_MILLIS = 5_000;

    private final RedisLink link;
    private final StoreClock clock;
    private final Queue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::atMillis));
    private final Set<TaskKey> queued = new HashSet<>();
    private final AtomicInteger running = new AtomicInteger();

    /** @param overMillis when the task ends at the latest; then no mark is needed any more */
    private record Due(TaskKey key, long atMillis, long overMillis) {}

    /** The marks that a pass left in a hash. */
    private static final class Left {
        private int count;
        private long untilMillis;
    }

    UsedProofs(RedisLink link, StoreClock clock) {
        this.link = link;
        this.clock = clock;
    }

    /** The value of a mark: until when it is needed, in whole seconds of the store's time. */
    static byte[] mark(long untilMillis) {
        return ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) seconds(untilMillis))
                .array();
    }

    private static long seconds(long untilMillis) {
        return untilMillis / 1000 + 1;
    }

    /** Until when a mark is needed, epoch milliseconds; -1 if the field is none. */
    private static long until(byte[] field, byte[] value) {
        boolean isMark = field.length > 1
                && (field[0] == TaskKeys.USED || field[0] == TaskKeys.DENIED)
                && value.length == Integer.BYTES;
        return isMark ? Integer.toUnsignedLong(ByteBuffer.wrap(value).getInt()) * 1000 : -1;
    }

    /**
     * Removes marks of the task at that time; does nothing if the task is noted already.
     *
     * @param overMillis when the task ends at the latest
     */
    synchronized void removeAt(TaskKey key, long atMillis, long overMillis) {
        if (queued.size() < MOST && queued.add(key)) {
            queue.add(new Due(key, seconds(Math.min(atMillis, overMillis)) * 1000, overMillis));
        }
    }

    private synchronized @Nullable Due next() {
        Due due = queue.peek();
        if (due == null || !clock.isKnown() || due.atMillis() > clock.nowMillis()) {
            return null;
        }
        queue.remove();
        queued.remove(due.key());
        return due;
    }

    /** Begins to remove what is due; called every moment while the store answers. */
    void sweep() {
        while (running.incrementAndGet() <= AT_ONCE) {
            Due due = next();
            if (due == null) {
                break;
            }
            begin(due);
        }
        running.decrementAndGet();
    }

    private void begin(Due due) {
        Left left = new Left();
        CompletableFuture<@Nullable Void> pages;
        try {
            pages = page(due, new TaskKeys(due.key()).record(), ScanCursor.INITIAL, left);
        } catch (RuntimeException fault) {
            // The store cannot be asked at all.
            pages = CompletableFuture.failedFuture(fault);
        }
        pages.whenComplete((done, failure) -> {
            running.decrementAndGet();
            if (failure != null) {
                // The next sweep follows in a moment: one from here would go as deep as there are tasks while the store
                // is away.
                again(due);
                return;
            }
            if (left.count >= SPARED) {
                removeAt(due.key(), Math.min(left.untilMillis, clock.nowMillis() + PAUSE_MILLIS), due.overMillis());
            }
            sweep();
        });
    }

    private void again(Due due) {
        long soon = clock.nowMillis() + AGAIN_MILLIS;
        // A task that is over is noted for its end, which is past; its pause must not be lost.
        removeAt(due.key(), soon, Math.max(soon, due.overMillis()));
    }

    private CompletableFuture<@Nullable Void> page(Due due, byte[] hash, ScanCursor from, Left left) {
        return link.<MapScanCursor<byte[], byte[]>>ask(commands ->
                        commands.hscan(hash, from, ScanArgs.Builder.limit(PAGE)).toCompletableFuture())
                .thenCompose(page -> remove(hash, over(page.getMap(), due, left))
                        .thenCompose(done -> page.isFinished()
                                ? CompletableFuture.<@Nullable Void>completedFuture(null)
                                : page(due, hash, page, left)));
    }

    /** The fields of the marks that nobody needs any more. */
    private List<byte[]> over(Map<byte[], byte[]> fields, Due due, Left left) {
        long now = clock.nowMillis();
        List<byte[]> over = new ArrayList<>();
        fields.forEach((field, value) -> {
            long until = until(field, value);
            if (until >= 0 && (until <= now || due.overMillis() <= now)) {
                over.add(field);
            } else if (until >= 0) {
                left.count++;
                left.untilMillis = Math.max(left.untilMillis, until);
            }
        });
        return over;
    }

    private CompletableFuture<Long> remove(byte[] hash, List<byte[]> fields) {
        return fields.isEmpty()
                ? CompletableFuture.completedFuture(0L)
                : link.ask(commands ->
                        commands.hdel(hash, fields.toArray(byte[][]::new)).toCompletableFuture());
    }
}
