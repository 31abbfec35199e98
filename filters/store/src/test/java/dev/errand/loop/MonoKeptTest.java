package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

class MonoKeptTest {
    /** Writes down what it is told. */
    private static class Recording implements FollowUp<String> {
        final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public Mono<Void> after(@Nullable String value) {
            told.add("after " + value);
            return Mono.empty();
        }

        @Override
        public Mono<Void> failed(Throwable error) {
            told.add("failed " + error.getMessage());
            return Mono.empty();
        }

        @Override
        public void abandoned(@Nullable String value, @Nullable Throwable error) {
            told.add("abandoned " + value + " " + (error == null ? null : error.getMessage()));
        }
    }

    /** A scheduler whose tasks wait until they are run. */
    private static final class Turns implements Scheduler {
        private final Deque<Runnable> waiting = new ArrayDeque<>();

        @Override
        public Disposable schedule(Runnable task) {
            waiting.add(task);
            return Disposables.disposed();
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }

        void run() {
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                next.run();
            }
        }
    }

    private final Recording sequel = new Recording();

    @Test
    void step_thatComesToAValue_isFollowedByIt() {
        MonoKept.of(Mono.just("a"), sequel).block();
        assertThat(sequel.told).containsExactly("after a");
    }

    @Test
    void step_thatComesToNothing_isFollowedAllTheSame() {
        MonoKept.of(Mono.<String>empty(), sequel).block();
        assertThat(sequel.told).containsExactly("after null");
    }

    @Test
    void step_thatFails_isFollowedByWhatItsFailureAsksFor() {
        MonoKept.of(Mono.<String>error(new IllegalStateException("no")), sequel).block();
        assertThat(sequel.told).containsExactly("failed no");
    }

    @Test
    void step_whoseFailureAsksForNothing_failsTheWhole() {
        Mono<Void> whole = MonoKept.of(Mono.error(new IllegalStateException("no")), value -> Mono.empty());
        assertThatThrownBy(whole::block).hasMessage("no");
    }

    @Test
    void sequel_thatThrows_isAFailureOfTheStep() {
        Recording throwing = new Recording() {
            @Override
            public Mono<Void> after(@Nullable String value) {
                throw new IllegalStateException("thrown");
            }
        };
        MonoKept.of(Mono.just("a"), throwing).block();
        assertThat(throwing.told).containsExactly("failed thrown");
    }

    @Test
    void sequel_thatFails_failsTheWholeAndIsNotAskedAgain() {
        Recording failing = new Recording() {
            @Override
            public Mono<Void> after(@Nullable String value) {
                return Mono.error(new IllegalStateException("later"));
            }
        };
        Mono<Void> whole = MonoKept.of(Mono.just("a"), failing);
        assertThatThrownBy(whole::block).hasMessage("later");
        assertThat(failing.told).isEmpty();
    }

    @Test
    void agent_thatLeavesAKeptStep_letsItGoOnToItsEnd() {
        TestPublisher<String> step = TestPublisher.create();
        Disposable agent = MonoKept.of(step.mono(), sequel).subscribe();
        agent.dispose();
        step.assertNotCancelled();
        step.emit("a");
        assertThat(sequel.told).containsExactly("abandoned a null");
    }

    @Test
    void agent_thatLeavesBetweenAKeptStepAndItsTurn_abandonsItInThatTurn() {
        Turns turns = new Turns();
        Disposable agent = MonoKept.on(turns, Mono.just("a"), sequel).subscribe();
        agent.dispose();
        assertThat(sequel.told).isEmpty();
        turns.run();
        assertThat(sequel.told).containsExactly("abandoned a null");
    }

    @Test
    void agent_thatLeavesAKeptStepWhichFails_isToldNothing() {
        TestPublisher<String> step = TestPublisher.create();
        Disposable agent = MonoKept.of(step.mono(), sequel).subscribe();
        agent.dispose();
        step.error(new IllegalStateException("no"));
        assertThat(sequel.told).containsExactly("abandoned null no");
    }

    @Test
    void agent_thatLeavesBehindAKeptStep_cancelsWhatFollows() {
        TestPublisher<Void> following = TestPublisher.create();
        Disposable agent =
                MonoKept.of(Mono.just("a"), value -> following.mono()).subscribe();
        agent.dispose();
        following.assertCancelled();
    }

    @Test
    void sequel_onAScheduler_waitsForItsTurn() {
        Turns turns = new Turns();
        Sinks.One<String> step = Sinks.one();
        Disposable agent = MonoKept.on(turns, step.asMono(), sequel).subscribe();
        step.tryEmitValue("a");
        assertThat(sequel.told).isEmpty();
        turns.run();
        assertThat(sequel.told).containsExactly("after a");
        assertThat(agent.isDisposed()).isTrue();
    }

    @Test
    void scheduler_thatStopped_isAFailureOfTheStep() {
        Scheduler stopped = Schedulers.newSingle("stopped");
        stopped.dispose();
        MonoKept.on(stopped, Mono.just("a"), sequel).block();
        assertThat(sequel.told).hasSize(1).first().asString().startsWith("failed ");
    }

    @Test
    void context_reachesTheStepAndWhatFollows() {
        List<String> seen = new ArrayList<>();
        Mono<Void> whole = MonoKept.of(
                Mono.deferContextual(context -> Mono.just(context.<String>get("key"))),
                value -> Mono.deferContextual(context -> {
                    seen.add(value + context.get("key"));
                    return Mono.empty();
                }));
        whole.contextWrite(context -> context.put("key", "x")).block();
        assertThat(seen).containsExactly("xx");
    }

    @Test
    void keptStep_leftWhileItEnds_isFollowedOrAbandonedButNotBoth() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 2_000; round++) {
                Sinks.One<String> step = Sinks.one();
                Recording told = new Recording();
                Disposable agent = MonoKept.of(step.asMono(), told).subscribe();
                CountDownLatch go = new CountDownLatch(1);
                Future<?> ends = threads.submit(() -> {
                    go.await();
                    return step.tryEmitValue("a");
                });
                Future<?> leaves = threads.submit(() -> {
                    go.await();
                    agent.dispose();
                    return null;
                });
                go.countDown();
                ends.get();
                leaves.get();
                assertThat(told.told.stream().filter(what -> what.endsWith("a") || what.startsWith("abandoned")))
                        .hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
