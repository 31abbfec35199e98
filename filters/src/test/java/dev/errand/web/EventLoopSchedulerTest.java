package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class EventLoopSchedulerTest {
    private final EventExecutor loop = new DefaultEventExecutor();
    private final EventLoopScheduler scheduler = new EventLoopScheduler(loop);
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws Exception {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    @Test
    void tasks_runOnTheLoop_inTheirOrder() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        scheduler.schedule(() -> ran.add("first " + loop.inEventLoop()));
        Disposable unwanted = scheduler.schedule(() -> ran.add("unwanted"));
        scheduler.createWorker().schedule(() -> ran.add("second " + loop.inEventLoop()));
        Disposable last = scheduler.schedule(() -> ran.add("third " + loop.inEventLoop()));
        unwanted.dispose();
        busy.countDown();
        loop.submit(() -> {}).sync();
        assertThat(ran).containsExactly("first true", "second true", "third true");
        assertThat(last.isDisposed()).isTrue();
    }

    @Test
    void task_forLater_runsLater() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        scheduler.schedule(done::countDown, 10, TimeUnit.MILLISECONDS);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void task_ofAStoppedLoop_isRejected() throws Exception {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        assertThatThrownBy(() -> scheduler.schedule(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
