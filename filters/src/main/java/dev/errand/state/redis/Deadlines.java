package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.loop.EventLoopScheduler;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** When an answer of the store is overdue. Thread-safe, never blocking. */
final class Deadlines {
    // Two a call, nearly all cancelled: a wheel takes them without a lock, and 5 ms late is early enough.
    private static final HashedWheelTimer WHEEL = new HashedWheelTimer(
            new DefaultThreadFactory("errand-deadlines", true), 5, TimeUnit.MILLISECONDS, 512, false);

    private Deadlines() {}

    /**
     * Runs the work when the time is over, unless it is cancelled. The loop that asked does it, since as a rule it reads the answer:
     * while it was busy that may have come, and it reads what is there before it does what is due a little later.
     *
     * @param reader the turn of the loop that asked, or {@link EndOfTurn#NOW} where none did: at once then
     * @param work it must not block or throw
     */
    static Timeout after(Duration time, EndOfTurn reader, Runnable work) {
        return WHEEL.newTimeout(due -> overdue(reader, work), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The answer, which fails when the time is over. */
    static CompletableFuture<byte[]> in(Duration time, EndOfTurn reader, CompletableFuture<byte[]> answer) {
        Timeout deadline = after(
                time,
                reader,
                () -> answer.completeExceptionally(
                        new RedisCommandTimeoutException("no answer within " + time.toMillis() + " ms")));
        answer.whenComplete((value, failure) -> deadline.cancel());
        return answer;
    }

    private static void overdue(EndOfTurn reader, Runnable work) {
        if (!(reader instanceof EventLoopScheduler loop)) {
            work.run();
            return;
        }
        try {
            // From the loop itself: what others schedule there and is due runs before it reads again.
            loop.schedule(() -> behindNextRead(loop, work));
        } catch (RejectedExecutionException stopped) {
            work.run();
        }
    }

    private static void behindNextRead(EventLoopScheduler loop, Runnable work) {
        if (loop.loop().isShuttingDown()) {
            work.run();
        } else {
            loop.schedule(work, 1, TimeUnit.MILLISECONDS);
        }
    }
}
