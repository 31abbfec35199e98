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
 * When an answer of the store is overdue. Two a call, nearly all disposed of: the loop that asked has them among what it is to do
 * later, and on the loop itself setting and disposing of one takes no lock and wakes no thread. Thread-safe, never blocking.
 */
public final class Deadlines {
    private Deadlines() {}

    /**
     * Runs the work when the time is over, unless it is disposed of. The loop that asked does it, since as a rule it reads the
     * answer: while it was busy that may have come, and it reads what is there before it does what is due a little later. A loop
     * that stops forgets what is due on it: where the answer would have come by the loop's own connection, that is closed with it, or
     * before ({@link LoopLinks}), which fails who waits; on the common one the client's own limit does.
     *
     * @param reader the turn of the loop that asked, or {@link EndOfTurn#NOW} where none did: on a parallel thread then
     * @param work it must not block or throw, and may run in the millisecond in which it is disposed of
     */
    public static Disposable after(Duration time, EndOfTurn reader, Runnable work) {
        if (reader instanceof EventLoopScheduler loop && !loop.loop().isShuttingDown()) {
            try {
                return loop.schedule(() -> behindNextRead(loop, work), time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopped) {
                // It has ended since it was asked.
            }
        }
        return Schedulers.parallel().schedule(work, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The answer, which fails when the time is over. */
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
