package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

class EventLoopSchedulerTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventExecutor loop = group.next();
    private final EventLoopScheduler scheduler = new EventLoopScheduler(loop);
    private final List<String> log = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void defer_onTheLoop_runsOnceBehindWhatWasDue() throws Exception {
        Runnable wake = () -> log.add("wake");
        Runnable other = () -> log.add("other");
        loop.submit(() -> {
                    loop.execute(() -> {
                        log.add("due");
                        scheduler.defer(wake);
                    });
                    scheduler.defer(wake);
                    scheduler.defer(other);
                    scheduler.defer(wake);
                    log.add("first");
                })
                .get();
        settle();
        assertThat(log).containsExactly("first", "due", "wake", "other");
    }

    @Test
    void defer_inTheNextTurn_runsAgain() throws Exception {
        Runnable wake = () -> log.add("wake");
        loop.submit(() -> scheduler.defer(wake)).get();
        settle();
        loop.submit(() -> scheduler.defer(wake)).get();
        settle();
        assertThat(log).containsExactly("wake", "wake");
    }

    @Test
    void defer_whileTheTurnEnds_isOfTheNext() throws Exception {
        Runnable wake = () -> log.add("wake");
        loop.submit(() -> scheduler.defer(() -> {
                    log.add("last");
                    scheduler.defer(wake);
                }))
                .get();
        settle();
        assertThat(log).containsExactly("last", "wake");
    }

    @Test
    void defer_fromAnotherThread_runsAtOnce() {
        scheduler.defer(() -> log.add(Thread.currentThread().getName()));
        assertThat(log).containsExactly(Thread.currentThread().getName());
    }

    @Test
    void supply_ofTwoInATurn_isDoneForBothBeforeEitherGoesOn() throws Exception {
        loop.submit(() -> {
                    for (String call : List.of("a", "b")) {
                        scheduler
                                .supply(() -> {
                                    log.add(call);
                                    return call;
                                })
                                .publishOn(scheduler)
                                .subscribe(done -> log.add(done + " goes on"));
                    }
                    scheduler.defer(() -> log.add("wake"));
                    log.add("read");
                })
                .get();
        settle();
        assertThat(log).containsExactly("read", "wake", "a", "b", "a goes on", "b goes on");
    }

    @Test
    void supply_thatThrowsEvenWhatIsFatal_isAnError_andTheOthersAreDone() throws Exception {
        loop.submit(() -> {
                    scheduler
                            .supply(() -> {
                                throw new NoClassDefFoundError("provider");
                            })
                            .subscribe(done -> log.add("done"), error -> log.add(String.valueOf(error.getMessage())));
                    scheduler.supply(() -> "other").subscribe(log::add);
                })
                .get();
        settle();
        assertThat(log).containsExactly("provider", "other");
    }

    @Test
    void supply_fromAnotherThread_isDoneAtOnce() {
        assertThat(scheduler.supply(() -> Thread.currentThread().getName()).block())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void afterwards_runsBehindAllThatIsDeferredInTheTurn_eachTimeItIsAskedFor() throws Exception {
        Runnable own = () -> log.add("own");
        loop.submit(() -> {
                    loop.execute(() -> {
                        log.add("due");
                        scheduler.defer(() -> log.add("wake"));
                    });
                    scheduler.afterwards(own);
                    scheduler.defer(() -> log.add("flush"));
                    scheduler.afterwards(own);
                    loop.execute(() -> log.add("answer"));
                })
                .get();
        settle();
        assertThat(log).containsExactly("due", "flush", "wake", "own", "own", "answer");
    }

    @Test
    void deferAndAfterwards_onALoopThatTakesNoMoreTasks_runAtOnce() {
        EventExecutor stopping = (EventExecutor) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {EventExecutor.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("inEventLoop")) {
                        return true;
                    }
                    throw new RejectedExecutionException();
                });
        EventLoopScheduler last = new EventLoopScheduler(stopping);
        last.defer(() -> log.add("wake"));
        last.afterwards(() -> log.add("own"));
        assertThat(log).containsExactly("wake", "own");
    }

    @Test
    void afterwards_fromAnotherThread_runsAtOnce() {
        scheduler.afterwards(() -> log.add(Thread.currentThread().getName()));
        EndOfTurn.NOW.afterwards(() -> log.add("now"));
        assertThat(log).containsExactly(Thread.currentThread().getName(), "now");
    }

    @Test
    void schedule_runsOnTheLoop_inTheOrderOfTasks_unlessDisposedBefore() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        loop.execute(() -> awaitQuietly(open));
        scheduler.schedule(() -> log.add("first " + loop.inEventLoop()));
        Disposable unwanted = scheduler.schedule(() -> log.add("unwanted"));
        scheduler.createWorker().schedule(() -> log.add("second " + loop.inEventLoop()));
        Disposable last = scheduler.schedule(() -> log.add("third " + loop.inEventLoop()));
        unwanted.dispose();
        open.countDown();
        settle();
        assertThat(log).containsExactly("first true", "second true", "third true");
        assertThat(last.isDisposed()).isTrue();
    }

    @Test
    void schedule_forLater_runsLater() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        scheduler.schedule(done::countDown, 10, TimeUnit.MILLISECONDS);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void schedule_onAStoppedLoop_isRejected() throws Exception {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        assertThatThrownBy(() -> scheduler.schedule(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void endOfTurn_isThatOfTheSubscribersLoop() {
        Mono<EndOfTurn> asked = Mono.deferContextual(context -> Mono.just(EndOfTurn.of(context)));
        assertThat(asked.contextWrite(context -> Continuation.on(scheduler, context))
                        .block())
                .isSameAs(scheduler);
        assertThat(asked.block()).isSameAs(EndOfTurn.NOW);
        assertThat(EndOfTurn.of(Context.empty())).isSameAs(EndOfTurn.NOW);
    }

    /** Waits for two turns: what the first puts off runs in the second. */
    private void settle() throws Exception {
        loop.submit(() -> {}).get();
        loop.submit(() -> {}).get();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
