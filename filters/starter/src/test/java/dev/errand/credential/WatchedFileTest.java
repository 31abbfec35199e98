package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.loop.Continuation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class WatchedFileTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // a clock that wraps is none to be afraid of
    private final AtomicInteger readings = new AtomicInteger();
    private final Semaphore maySucceed = new Semaphore(0);
    private final Scheduler loop = Schedulers.newSingle("the-loop");

    private Path file;
    private WatchedFile<String> watched;

    @BeforeEach
    void write() throws Exception {
        file = Files.writeString(directory.resolve("secret"), "one");
        watched = new WatchedFile<>(List.of(file), this::parse, nanos::get);
    }

    @AfterEach
    void stop() {
        maySucceed.release(100);
        loop.dispose();
    }

    /** Takes as long as the test says. */
    private String parse(List<byte[]> contents) {
        readings.incrementAndGet();
        try {
            assertThat(maySucceed.tryAcquire(SOON.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalArgumentException("interrupted", e);
        }
        return new String(contents.get(0), StandardCharsets.UTF_8);
    }

    private String value() {
        return watched.value().block(SOON);
    }

    private void becomesOlderBy(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private void awaitReadings(int count) throws InterruptedException {
        await(() -> readings.get() >= count);
        assertThat(readings).hasValue(count);
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            Thread.sleep(1);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void value_ofThatHalfSecond_isNotReadAgain() {
        maySucceed.release();
        assertThat(value()).isEqualTo("one");
        becomesOlderBy(499);
        assertThat(value()).isEqualTo("one");
        assertThat(readings).hasValue(1);
    }

    @Test
    void value_halfASecondOld_isHadWhileItIsReadAgain() throws Exception {
        maySucceed.release();
        assertThat(value()).isEqualTo("one");
        Files.writeString(file, "two");
        becomesOlderBy(500);
        for (int i = 0; i < 50; i++) {
            assertThat(value()).isEqualTo("one");
        }
        awaitReadings(2);

        maySucceed.release();
        await(() -> value().equals("two"));
        assertThat(readings).hasValue(2);
    }

    @Test
    void value_aSecondOld_isWaitedFor() throws Exception {
        maySucceed.release();
        assertThat(value()).isEqualTo("one");
        Files.writeString(file, "two");
        becomesOlderBy(500);
        assertThat(value()).isEqualTo("one");
        awaitReadings(2);
        becomesOlderBy(500);
        CompletableFuture<String> waiting = watched.value().toFuture();
        assertThat(waiting).isNotDone();
        maySucceed.release();
        assertThat(waiting).succeedsWithin(SOON).isEqualTo("two");
    }

    @Test
    void value_waitedFor_comesWhereItsSubscriberGoesOn() {
        CompletableFuture<String> thread = watched.value()
                .map(value -> Thread.currentThread().getName())
                .contextWrite(context -> Continuation.on(loop, context))
                .toFuture();
        maySucceed.release();
        assertThat(thread).succeedsWithin(SOON).asString().startsWith("the-loop");
    }

    @Test
    void value_thatCannotBeReadAgain_isKeptAndToldAsAFault() throws Exception {
        maySucceed.release();
        assertThat(value()).isEqualTo("one");
        Files.delete(file);
        becomesOlderBy(500);
        assertThat(value()).isEqualTo("one");
        await(() -> watched.fault().isPresent());
        assertThat(watched.fault())
                .hasValueSatisfying(fault -> assertThat(fault).contains("secret: cannot be read"));
        becomesOlderBy(5_000);
        assertThat(value()).isEqualTo("one");
    }

    @Test
    void value_whoseReadingHangs_isUnavailableInTime() throws Exception {
        maySucceed.release();
        assertThat(value()).isEqualTo("one");
        becomesOlderBy(1_000);
        long began = System.nanoTime();
        assertThatThrownBy(this::value)
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageEndingWith("takes longer to read than 5 s");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
        maySucceed.release();
        await(() -> value().equals("one"));
    }

    @Test
    void value_whoseReadingEndsInAnError_isReadAgain() {
        AtomicInteger attempts = new AtomicInteger();
        WatchedFile<String> fatal = new WatchedFile<>(
                List.of(file),
                contents -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("as if");
                    }
                    return "one";
                },
                nanos::get);
        assertThatThrownBy(() -> fatal.value().block(SOON)).hasMessageContaining("as if");
        assertThat(fatal.value().block(SOON)).isEqualTo("one");
    }

    @Test
    void value_neverRead_isUnavailable() throws Exception {
        Files.delete(file);
        assertThatThrownBy(this::value).isInstanceOf(CredentialUnavailableException.class);
        assertThat(watched.fault()).isPresent();
    }
}
