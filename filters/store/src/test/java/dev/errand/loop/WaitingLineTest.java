package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;

class WaitingLineTest {
    private static final Scheduler HERE = Schedulers.immediate();

    private final WaitingLine<String> line = new WaitingLine<>(Duration.ZERO);
    private final Queue<String> things = new ArrayDeque<>();
    private final List<String> tried = new ArrayList<>();

    private Mono<String> waiting(WaitingLine<String> in) {
        return in.inTurn(
                pool -> {
                    tried.add(String.valueOf(pool));
                    return taken();
                },
                HERE);
    }

    private Mono<String> taken() {
        return Mono.fromSupplier(things::poll).switchIfEmpty(none());
    }

    private static <T> Mono<T> none() {
        return Mono.error(() -> new PoolAcquirePendingLimitException(0));
    }

    private void giveBack(String thing) {
        things.add(thing);
        line.givenBack("pool of " + thing);
    }

    @Test
    void whoComesFirst_isServedFirst_ofThePoolThatItWasGivenBackTo() {
        List<String> got = new ArrayList<>();
        waiting(line).subscribe(thing -> got.add("first " + thing));
        waiting(line).subscribe(thing -> got.add("second " + thing));
        giveBack("a");
        giveBack("b");
        assertThat(got).containsExactly("first a", "second b");
        assertThat(tried).endsWith("pool of a", "pool of b");
    }

    @Test
    void whoTriesInVain_isFirstAgain() {
        List<String> got = new ArrayList<>();
        waiting(line).subscribe(thing -> got.add("first " + thing));
        waiting(line).subscribe(thing -> got.add("second " + thing));
        line.givenBack("taken by somebody else");
        giveBack("a");
        assertThat(got).containsExactly("first a");
    }

    @Test
    void whatIsThereBeforeAnyoneWaits_isFound() {
        things.add("a");
        assertThat(waiting(line).block(Duration.ofSeconds(5))).isEqualTo("a");
    }

    @Test
    void whatIsGivenBackDuringAnAttempt_isNotMissed() {
        List<String> got = new ArrayList<>();
        Function<@Nullable String, Mono<String>> attempt = pool -> Mono.defer(() -> {
            String thing = things.poll();
            if (thing == null && tried.isEmpty()) {
                tried.add("once");
                giveBack("a"); // behind the look, before the call is in the line again
            }
            return thing == null ? none() : Mono.just(thing);
        });
        line.inTurn(attempt, HERE).subscribe(got::add);
        assertThat(got).containsExactly("a");
    }

    @Test
    void whoLeaves_isPassedOver() {
        List<String> got = new ArrayList<>();
        Disposable leaves = waiting(line).subscribe(thing -> got.add("first " + thing));
        waiting(line).subscribe(thing -> got.add("second " + thing));
        leaves.dispose();
        giveBack("a");
        assertThat(got).containsExactly("second a");
    }

    /** Woken, and gone before its attempt: what it was woken for is the next one's. */
    @Test
    void whoLeavesBetweenItsTurnAndItsAttempt_passesItOn() {
        Queue<Runnable> later = new ArrayDeque<>();
        Scheduler slow = Schedulers.fromExecutor(later::add);
        List<String> got = new ArrayList<>();
        Disposable leaves = line.inTurn(pool -> taken(), slow).subscribe(thing -> got.add("first " + thing));
        runAll(later);
        waiting(line).subscribe(thing -> got.add("second " + thing));
        runAll(later);
        giveBack("a");
        assertThat(later).isNotEmpty();
        leaves.dispose();
        assertThat(got).containsExactly("second a");
    }

    private static void runAll(Queue<Runnable> later) {
        for (Runnable next = later.poll(); next != null; next = later.poll()) {
            next.run();
        }
    }

    @Test
    void whoseAttemptFailsOtherwise_isToldSo_andLetsTheNextTry() {
        List<String> got = new ArrayList<>();
        List<Throwable> failed = new ArrayList<>();
        line.inTurn(pool -> "broken".equals(pool) ? Mono.error(new IOException("broken")) : none(), HERE)
                .subscribe(thing -> got.add("first"), failed::add);
        waiting(line).subscribe(thing -> got.add("second " + thing));
        things.add("a");
        line.givenBack("broken");
        assertThat(failed).hasSize(1).first().isInstanceOf(IOException.class);
        assertThat(got).containsExactly("second a");
    }

    @Test
    void closed_tellsThoseWhoWait() {
        List<Throwable> failed = new ArrayList<>();
        waiting(line).subscribe(thing -> {}, failed::add);
        waiting(line).subscribe(thing -> {}, failed::add);
        line.close();
        assertThat(failed).hasSize(2).allSatisfy(why -> assertThat(why).hasMessageContaining("shut down"));
    }

    @Test
    void whoWaitsTooLong_isToldSo() {
        WaitingLine<String> impatient = new WaitingLine<>(Duration.ofMillis(50));
        assertThatThrownBy(() -> waiting(impatient).block(Duration.ofSeconds(5)))
                .hasMessageContaining("50ms");
    }

    @Test
    void line_isOfNoMoreUse_whenTheLastHasLeft() {
        line.entered();
        line.entered();
        assertThat(line.left()).isSameAs(line);
        assertThat(line.left()).isNull();
    }

    /** Many threads take, and give back, without a pause: nobody is forgotten. */
    @Test
    void ofManyThreads_nobodyIsForgotten() throws Exception {
        Queue<Integer> permits = new ConcurrentLinkedQueue<>(List.of(1, 2, 3));
        int calls = 20_000;
        CountDownLatch served = new CountDownLatch(calls);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Runnable call =
                () -> line.inTurn(pool -> Mono.fromSupplier(permits::poll).switchIfEmpty(none()), Schedulers.parallel())
                        .subscribe(permit -> threads.execute(() -> {
                            permits.add(permit);
                            line.givenBack("any");
                            served.countDown();
                        }));
        try {
            for (int i = 0; i < calls; i++) {
                threads.execute(call);
            }
            assertThat(served.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }
}
