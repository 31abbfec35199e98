package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.loop.EndOfTurn;
import dev.errand.loop.EventLoopScheduler;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class DeadlinesTest {
    private static final Duration SOON = Duration.ofMillis(20);

    private final CompletableFuture<Thread> ran = new CompletableFuture<>();

    private void run() {
        ran.complete(Thread.currentThread());
    }

    /** On the loop itself, whose time stands still. */
    @Nested
    class Here {
        private static final long NOTHING_DUE_LATER = -1;

        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final EventLoopScheduler loop = new EventLoopScheduler(channel.eventLoop());

        @BeforeEach
        void stopTheTime() {
            channel.freezeTime();
        }

        @AfterEach
        void close() {
            channel.finishAndReleaseAll();
        }

        @Test
        void after_timeIsOver_runsBehindWhatTheLoopReadsNext() {
            Deadlines.after(SOON, loop, DeadlinesTest.this::run);
            pass(SOON.minusMillis(1));
            assertThat(ran).isNotDone();
            pass(Duration.ofMillis(1));
            assertThat(ran).isNotDone();
            pass(Duration.ofMillis(1));
            assertThat(ran).isDone();
        }

        @Test
        void after_disposedOf_isForgottenAtOnce() {
            Disposable deadline = Deadlines.after(SOON, loop, DeadlinesTest.this::run);
            assertThat(channel.runScheduledPendingTasks()).isEqualTo(SOON.toNanos());
            deadline.dispose();
            assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING_DUE_LATER);
            pass(SOON.multipliedBy(2));
            assertThat(ran).isNotDone();
        }

        @Test
        void in_answeredInTime_forgetsTheDeadline() {
            byte[] bytes = {1};
            CompletableFuture<byte[]> answer = Deadlines.in(SOON, loop, new CompletableFuture<>());
            answer.complete(bytes);
            assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING_DUE_LATER);
            assertThat(answer).isCompletedWithValue(bytes);
        }

        @Test
        void in_notAnswered_fails() {
            CompletableFuture<byte[]> answer = Deadlines.in(SOON, loop, new CompletableFuture<>());
            pass(SOON);
            pass(Duration.ofMillis(1));
            assertThatThrownBy(answer::get)
                    .hasCauseInstanceOf(RedisCommandTimeoutException.class)
                    .hasMessageContaining("no answer within 20 ms");
        }

        private void pass(Duration time) {
            channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
            channel.runPendingTasks();
        }
    }

    @Nested
    class Elsewhere {
        private final DefaultEventExecutor executor = new DefaultEventExecutor();
        private final EventLoopScheduler loop = new EventLoopScheduler(executor);

        @AfterEach
        void stop() {
            executor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }

        @Test
        void after_ofALoop_runsOnIt() throws Exception {
            Deadlines.after(SOON, loop, DeadlinesTest.this::run);
            assertThat(executor.inEventLoop(ran.get(5, TimeUnit.SECONDS))).isTrue();
        }

        @Test
        void after_ofNoLoop_runsAllTheSame() throws Exception {
            Deadlines.after(SOON, EndOfTurn.NOW, DeadlinesTest.this::run);
            assertThat(ran.get(5, TimeUnit.SECONDS).getName()).startsWith("parallel-");
        }

        @Test
        void after_ofALoopThatStops_runsElsewhere() throws Exception {
            CountDownLatch busy = new CountDownLatch(1);
            executor.execute(() -> await(busy));
            try {
                executor.shutdownGracefully(0, 5, TimeUnit.SECONDS);
                Deadlines.after(SOON, loop, DeadlinesTest.this::run);
                assertThat(ran.get(5, TimeUnit.SECONDS).getName()).startsWith("parallel-");
            } finally {
                busy.countDown();
            }
        }

        @Test
        void after_ofALoopThatHasEnded_runsElsewhere() throws Exception {
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).get(5, TimeUnit.SECONDS);
            Deadlines.after(SOON, loop, DeadlinesTest.this::run);
            assertThat(ran.get(5, TimeUnit.SECONDS).getName()).startsWith("parallel-");
        }

        private void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
