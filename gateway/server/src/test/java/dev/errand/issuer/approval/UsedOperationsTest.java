package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

class UsedOperationsTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @Test
    void manyWhoAskAtOnce_readTheLogOnce() {
        AtomicInteger read = new AtomicInteger();
        CountDownLatch asked = new CountDownLatch(50);
        UsedOperations used = new UsedOperations(
                records -> {
                    read.incrementAndGet();
                    try {
                        asked.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return List.of();
                },
                Schedulers.boundedElastic());
        List<Long> counts = Flux.range(0, 50)
                .flatMap(i -> used.count("release", "vault:kv.read").doOnSubscribe(begun -> asked.countDown()), 50)
                .collectList()
                .block(WAIT);
        assertThat(counts).hasSize(50).containsOnly(-1L);
        assertThat(read).hasValue(1);
        assertThat(used.count("release", "vault:kv.write").block(WAIT)).isEqualTo(-1);
        assertThat(read).as("kept for a minute").hasValue(1);
        used.count("other", "vault:kv.read").block(WAIT);
        assertThat(read).hasValue(2);
    }

    @Test
    void logThatCannotBeRead_countsNothing() {
        UsedOperations used = new UsedOperations(
                records -> {
                    throw new IOException("gone");
                },
                Schedulers.immediate());
        assertThat(used.count("release", "vault:kv.read").block(WAIT)).isEqualTo(-1);
    }
}
