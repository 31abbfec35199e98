package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.Records;
import dev.errand.log.proof.Segment;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.loop.Continuation;
import dev.errand.loop.EventLoopScheduler;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Appends from event loops: who writes them, and that none is lost between those who may. */
class LoopWritesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration WAIT = Duration.ofSeconds(10);
    /** Longer than any test: the log's thread comes only when it is woken. */
    private static final Duration NEVER = Duration.ofMinutes(5);

    private static final WriteBackoff NONE = new WriteBackoff(Duration.ofHours(1), Duration.ofSeconds(1));
    private static final String WRITER = "errand-provenance-writer";
    private static final String LOOP = "loop-";

    @TempDir
    Path temporary;

    private final List<EventLoopScheduler> loops = IntStream.range(0, 4)
            .mapToObj(i -> new EventLoopScheduler(new DefaultEventLoop(new DefaultThreadFactory(LOOP + i, true))))
            .toList();
    private final Queue<String> wrote = new ConcurrentLinkedQueue<>();

    @AfterEach
    void endLoops() {
        loops.forEach(loop -> loop.loop().shutdownGracefully(0, 1, TimeUnit.SECONDS));
    }

    @Test
    void append_onALoop_isWrittenByThatLoop() throws Exception {
        try (FileProvenanceLog log = open(base(LogSettings.Durability.OS))) {
            for (int i = 0; i < 50; i++) {
                append(log, loops.get(i % 2), "d-" + i).get(10, TimeUnit.SECONDS);
            }
        }
        // But for those that met a checkpoint being forced to disk.
        assertThat(wrote).filteredOn(name -> name.startsWith(LOOP)).hasSizeGreaterThan(30);
        assertThat(TestLog.lines(temporary)).hasSize(50);
        FileProvenanceLogTest.assertSealed(temporary, TestLog.lines(temporary));
    }

    @Test
    void append_ofOneTurn_isOneWrite() throws Exception {
        try (FileProvenanceLog log = open(base(LogSettings.Durability.OS))) {
            EventLoopScheduler loop = loops.get(0);
            AtomicInteger heads = new AtomicInteger();
            log.onAppend(heads::incrementAndGet);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            CompletableFuture<Void> turn = new CompletableFuture<>();
            loop.schedule(() -> {
                for (int i = 0; i < 20; i++) {
                    all.add(onLoop(log, loop, "d-" + i).toFuture());
                }
                turn.complete(null);
            });
            turn.get(10, TimeUnit.SECONDS);
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
            // Who waits is told first, and the listener then.
            CompletableFuture<Void> next = new CompletableFuture<>();
            loop.schedule(() -> next.complete(null));
            next.get(10, TimeUnit.SECONDS);
            assertThat(heads.get()).isEqualTo(1);
        }
        assertThat(TestLog.lines(temporary)).hasSize(20);
    }

    @Test
    void append_toDisk_isNeverWrittenByALoop() throws Exception {
        try (FileProvenanceLog log = open(base(LogSettings.Durability.DISK))) {
            for (int i = 0; i < 20; i++) {
                append(log, loops.get(0), "d-" + i).get(10, TimeUnit.SECONDS);
            }
        }
        assertThat(wrote).hasSize(20).containsOnly(WRITER);
    }

    @Test
    void append_thatBeginsASegment_isNotWrittenByALoop() throws Exception {
        // A segment for each record: the second and all that follow have to force the last one to disk.
        try (FileProvenanceLog log = open(TestLog.small(1, HOUR, 1_000_000))) {
            for (int i = 0; i < 20; i++) {
                append(log, loops.get(0), "d-" + i).get(10, TimeUnit.SECONDS);
            }
        }
        assertThat(wrote).hasSize(20);
        assertThat(wrote.stream().skip(1)).containsOnly(WRITER);
        assertThat(Segment.list(temporary)).hasSize(20);
        FileProvenanceLogTest.assertSealed(temporary, TestLog.lines(temporary));
    }

    @Test
    void append_afterASlowWrite_isTheThreadsForAWhile() throws Exception {
        // Every write takes longer than nothing.
        WriteBackoff caution = new WriteBackoff(Duration.ZERO, Duration.ofMinutes(1));
        LogSettings settings = TestLog.small(1 << 20, HOUR, 1_000_000);
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, settings, NEVER, caution)) {
            append(log, loops.get(0), "first").get(10, TimeUnit.SECONDS);
            assertThat(wrote).hasSize(1).allMatch(name -> name.startsWith(LOOP));
            wrote.clear();
            for (int i = 0; i < 10; i++) {
                append(log, loops.get(0), "after-" + i).get(10, TimeUnit.SECONDS);
            }
            assertThat(wrote).hasSize(10).containsOnly(WRITER);
        }
        assertThat(TestLog.lines(temporary)).hasSize(11);
    }

    @Test
    void caution_growsWhileWritesAreSlow_andEnds() {
        long second = TimeUnit.SECONDS.toNanos(1);
        WriteBackoff caution = new WriteBackoff(Duration.ofMillis(20), Duration.ofSeconds(1));
        assertThat(caution.isOver(5)).isTrue();
        caution.wrote(0, 19_000_000);
        assertThat(caution.isOver(19_000_000)).isTrue();
        caution.wrote(0, 20_000_000);
        assertThat(caution.isOver(20_000_000)).isFalse();
        assertThat(caution.isOver(20_000_000 + second)).isTrue();
        long at = 2 * second;
        for (int times : new int[] {2, 4, 8, 16, 32, 64, 64}) {
            caution.wrote(at - second, at);
            assertThat(caution.isOver(at + times * second - 1)).isFalse();
            assertThat(caution.isOver(at + times * second)).isTrue();
            at += (times + 1) * second;
        }
        at += 100 * second;
        caution.wrote(at - second, at);
        assertThat(caution.isOver(at + second)).isTrue();
    }

    @Test
    void append_whileAnotherHoldsThePen_isWrittenByItWithoutTheThread() throws Exception {
        HeldPen held = new HeldPen();
        LogSettings settings = TestLog.small(1 << 20, HOUR, 1_000_000);
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, settings, NEVER, held)) {
            for (int i = 0; i < 20; i++) {
                held.gate = new CountDownLatch(1);
                CompletableFuture<Void> holder = append(log, loops.get(0), "holder-" + i);
                assertThat(held.reached.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
                // It has written what waited, and has the pen still.
                CompletableFuture<Void> other = append(log, loops.get(1), "other-" + i);
                CompletableFuture<Void> turnIsOver = new CompletableFuture<>();
                loops.get(1).schedule(() -> loops.get(1).schedule(() -> turnIsOver.complete(null)));
                turnIsOver.get(10, TimeUnit.SECONDS);
                assertThat(other).isNotDone();
                held.open();
                holder.get(10, TimeUnit.SECONDS);
                other.get(10, TimeUnit.SECONDS);
            }
            assertThat(wrote).hasSize(40).noneMatch(WRITER::equals);
        }
        assertThat(TestLog.lines(temporary)).hasSize(40);
    }

    @Test
    void append_onFourLoopsAndFourThreads_isInTheLogOnce() throws Exception {
        int each = 2_000;
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        try (FileProvenanceLog log =
                FileProvenanceLog.open(temporary, TestLog.small(400_000, Duration.ofMillis(20), 500), NEVER, NONE)) {
            for (int l = 0; l < loops.size(); l++) {
                CompletableFuture<Void> end = new CompletableFuture<>();
                ends.add(end);
                EventLoopScheduler loop = loops.get(l);
                String name = "loop" + l;
                loop.schedule(() -> next(log, loop, name, 0, each, end));
            }
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                String name = "thread" + t;
                threads.add(new Thread(() -> {
                    for (int i = 0; i < each / 4; i++) {
                        log.append(Records.permit(name + "-" + i, "t-1")).block(WAIT);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            // Each waits for its last record before it appends the next, and no clock wakes the log's thread: one
            // record that is
            // left to nobody ends it here.
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        }
        List<String> lines = TestLog.lines(temporary);
        assertThat(lines).hasSize(4 * each + each).doesNotHaveDuplicates();
        for (int l = 0; l < loops.size(); l++) {
            String prefix = "{\"kind\":\"decision\",\"decision\":\"loop" + l + "-";
            List<String> own =
                    lines.stream().filter(line -> line.startsWith(prefix)).toList();
            for (int i = 0; i < each; i++) {
                assertThat(own.get(i)).startsWith(prefix + i + "\"");
            }
        }
        FileProvenanceLogTest.assertSealed(temporary, lines);
    }

    @Test
    void append_onALoopDirectoryGone_isRefusedAndRecoversWhenItReturns() throws Exception {
        Path directory = temporary.resolve("log");
        Path away = temporary.resolve("away");
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.small(1 << 20, HOUR, 1000))) {
            append(log, loops.get(0), "d-0").get(10, TimeUnit.SECONDS);
            Files.move(directory, away);
            assertThat(failure(append(log, loops.get(0), "d-lost"))).isInstanceOf(LogUnavailableException.class);
            assertThat(log.isWritable()).isFalse();
            assertThat(failure(append(log, loops.get(1), "d-refused"))).isInstanceOf(LogUnavailableException.class);
            Files.move(away, directory);
            long until = System.nanoTime() + WAIT.toNanos();
            while (!log.isWritable() && System.nanoTime() < until) {
                Thread.sleep(5);
            }
            append(log, loops.get(0), "d-1").get(10, TimeUnit.SECONDS);
        }
        List<String> lines = TestLog.lines(directory);
        assertThat(lines).hasSize(2);
        assertThat(String.join("", lines)).doesNotContain("d-lost", "d-refused");
        FileProvenanceLogTest.assertSealed(directory, lines);
    }

    @Test
    void close_whileLoopsAppend_leavesNobodyWaiting() throws Exception {
        FileProvenanceLog log = open(base(LogSettings.Durability.OS));
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            all.add(append(log, loops.get(i % 4), "d-" + i));
            if (i == 200) {
                new Thread(() -> closed(log)).start();
            }
        }
        int written = 0;
        for (CompletableFuture<Void> one : all) {
            Throwable failure = failure(one);
            if (failure == null) {
                written++;
            } else {
                assertThat(failure).isInstanceOf(LogUnavailableException.class);
            }
        }
        log.close();
        assertThat(TestLog.lines(temporary)).hasSize(written);
        FileProvenanceLogTest.assertSealed(temporary, TestLog.lines(temporary));
    }

    private void next(
            FileProvenanceLog log, EventLoopScheduler loop, String name, int i, int each, CompletableFuture<Void> end) {
        if (i == each) {
            end.complete(null);
            return;
        }
        onLoop(log, loop, name + "-" + i)
                .publishOn(loop)
                .subscribe(nothing -> {}, end::completeExceptionally, () -> next(log, loop, name, i + 1, each, end));
    }

    private FileProvenanceLog open(LogSettings settings) throws Exception {
        return FileProvenanceLog.open(temporary, settings, NEVER, NONE);
    }

    private static LogSettings base(LogSettings.Durability durability) {
        return TestLog.settings(durability);
    }

    private Mono<Void> onLoop(FileProvenanceLog log, EventLoopScheduler loop, String decision) {
        return log.append(Records.permit(decision, "t-1"))
                .doOnSuccess(done -> wrote.add(threadName()))
                .contextWrite(context -> Continuation.on(loop, context));
    }

    private CompletableFuture<Void> append(FileProvenanceLog log, EventLoopScheduler loop, String decision) {
        return Mono.defer(() -> onLoop(log, loop, decision)).subscribeOn(loop).toFuture();
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }

    private static Throwable failure(CompletableFuture<Void> append) throws Exception {
        return append.handle((done, failure) -> failure).get(10, TimeUnit.SECONDS);
    }

    private static void closed(FileProvenanceLog log) {
        try {
            log.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Keeps the pen of the first loop behind what it wrote. */
    private static final class HeldPen extends WriteBackoff {
        private final Semaphore reached = new Semaphore(0);
        private volatile CountDownLatch gate;

        HeldPen() {
            super(Duration.ofHours(1), Duration.ofSeconds(1));
        }

        void open() {
            CountDownLatch was = gate;
            gate = null;
            was.countDown();
        }

        @Override
        void wrote(long beganNanos, long endedNanos) {
            CountDownLatch now = gate;
            if (now == null || !threadName().startsWith(LOOP + 0)) {
                return;
            }
            reached.release();
            try {
                now.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
