package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.loop.EndOfTurn;
import dev.errand.loop.EventLoopScheduler;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class DeadlinesTest {
    private static final Duration SOON = Duration.ofMillis(20);

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final EventLoopScheduler loop = new EventLoopScheduler(executor);
    private final CompletableFuture<Thread> ran = new CompletableFuture<>();

    @AfterEach
    void stop() {
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void after_askedByALoop_runsThereWhenTheTimeIsOver() throws Exception {
        long began = System.nanoTime();
        Deadlines.after(SOON, loop, this::run);
        assertThat(executor.inEventLoop(ran.get(5, TimeUnit.SECONDS))).isTrue();
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(SOON.toNanos());
    }

    @Test
    void after_disposedOf_neverRuns() throws Exception {
        Disposable deadline = Deadlines.after(SOON, loop, this::run);
        deadline.dispose();
        CountDownLatch later = new CountDownLatch(1);
        Deadlines.after(SOON.multipliedBy(2), loop, later::countDown);
        assertThat(later.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).isNotDone();
    }

    @Test
    void after_dueWhileTheLoopIsBusy_runsBehindWhatTheLoopReadsNext() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        executor.execute(() -> await(busy));
        CompletableFuture<Boolean> readFirst = new CompletableFuture<>();
        Deadlines.after(SOON, loop, () -> readFirst.complete(ran.isDone()));
        Thread.sleep(2 * SOON.toMillis());
        // What came meanwhile stands behind the deadline in the loop's queue.
        executor.execute(() -> executor.execute(this::run));
        busy.countDown();
        assertThat(readFirst.get(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void after_askedByNoLoop_runsAllTheSame() throws Exception {
        Deadlines.after(SOON, EndOfTurn.NOW, this::run);
        assertThat(executor.inEventLoop(ran.get(5, TimeUnit.SECONDS))).isFalse();
    }

    @Test
    void after_askedByALoopThatStops_runsAllTheSame() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        executor.execute(() -> await(busy));
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        Deadlines.after(SOON, loop, this::run);
        assertThat(ran.get(5, TimeUnit.SECONDS)).isNotNull();
        busy.countDown();
    }

    @Test
    void in_time_answers_andTooLate_fails() throws Exception {
        CompletableFuture<byte[]> answer = Deadlines.in(SOON, loop, new CompletableFuture<>());
        CompletableFuture<byte[]> none = Deadlines.in(SOON, loop, new CompletableFuture<>());
        answer.complete(new byte[] {1});
        assertThat(answer.get()).containsExactly(1);
        assertThatThrownBy(() -> none.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(RedisCommandTimeoutException.class);
    }

    private void run() {
        ran.complete(Thread.currentThread());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
