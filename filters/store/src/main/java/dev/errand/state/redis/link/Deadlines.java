package dev.errand.state.redis.link;

import dev.errand.loop.EndOfTurn;
import dev.errand.loop.EventLoopScheduler;
import io.lettuce.core.RedisCommandTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * The deadlines of the store's answers. A call has two, and nearly all are cancelled. A deadline runs on the event loop
 * that asked. On that loop, setting and cancelling a deadline takes no lock and wakes no thread. Thread-safe, never
 * blocking.
 */
public final class Deadlines {
    private Deadlines() {}

    /**
     * Runs the work when the time is over, unless it is disposed of. It runs on the loop that asked, which usually also
     * reads the answer. If the loop was busy, an answer that arrived in time is read first. A loop that stops drops its
     * deadlines; its own connection to the store is closed by then ({@link LoopLinks}), which fails the callers that
     * wait. On the common connection, the client's own limit fails them.
     *
     * @param reader the turn of the loop that asked; {@link EndOfTurn#NOW} if no loop asked, and then a parallel thread
     *     runs the work
     * @param work must not block or throw; it may still run in the millisecond in which it is disposed of
     */
    public static Disposable after(Duration time, EndOfTurn reader, Runnable work) {
        if (reader instanceof EventLoopScheduler loop && !loop.loop().isShuttingDown()) {
            try {
                return loop.schedule(() -> behindNextRead(loop, work), time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopped) {
                // The loop has ended meanwhile.
            }
        }
        return Schedulers.parallel().schedule(work, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The same future, which fails when the time is over. */
    static CompletableFuture<byte[]> in(Duration time, EndOfTurn reader, CompletableFuture<byte[]> answer) {
        Disposable deadline = after(
                time,
                reader,
                () -> answer.completeExceptionally(
                        new RedisCommandTimeoutException("no answer within " + time.toMillis() + " ms")));
        answer.whenComplete((value, failure) -> deadline.dispose());
        return answer;
    }

    private static void behindNextRead(EventLoopScheduler loop, Runnable work) {
        if (loop.loop().isShuttingDown()) {
            work.run();
        } else {
            loop.schedule(work, 1, TimeUnit.MILLISECONDS);
        }
    }
}
