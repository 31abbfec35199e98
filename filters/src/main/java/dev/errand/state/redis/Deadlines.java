package dev.errand.state.redis;

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
 * When an answer of the store is overdue. Two a call, nearly all cancelled: the loop that asked keeps them among its own, where
 * neither takes a lock or wakes a thread. Thread-safe, never blocking.
 */
final class Deadlines {
    private Deadlines() {}

    /**
     * Runs the work when the time is over, unless it is disposed of. The loop that asked does it, since as a rule it reads the
     * answer: while it was busy that may have come, and it reads what is there before it does what is due a little later.
     *
     * @param reader the turn of the loop that asked, or {@link EndOfTurn#NOW} where none did: on a parallel thread then
     * @param work it must not block or throw
     */
    static Disposable after(Duration time, EndOfTurn reader, Runnable work) {
        // A loop that stops cancels what is due later.
        if (reader instanceof EventLoopScheduler loop && !loop.loop().isShuttingDown()) {
            try {
                return loop.schedule(() -> behindNextRead(loop, work), time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopped) {
                // Between the question and now.
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
