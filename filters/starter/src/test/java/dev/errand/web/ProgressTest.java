package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void call_givenBack_isNotSentAfterwards() {
        Progress call = new Progress();
        assertThat(call.endUnsent()).isTrue();
        assertThat(call.beginSending()).isFalse();
        assertThat(call.endUnsent()).isTrue();
    }

    @Test
    void call_sent_isNotGivenBackAfterwards() {
        Progress call = new Progress();
        assertThat(call.beginSending()).isTrue();
        assertThat(call.endUnsent()).isFalse();
        assertThat(call.beginSending()).isTrue();
    }

    @Test
    void call_sentAndGivenBackAtOnce_isExactlyOneOfTheTwo() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 2_000; round++) {
                Progress call = new Progress();
                CountDownLatch go = new CountDownLatch(1);
                Future<Boolean> sent = threads.submit(() -> {
                    go.await();
                    return call.beginSending();
                });
                Future<Boolean> back = threads.submit(() -> {
                    go.await();
                    return call.endUnsent();
                });
                go.countDown();
                assertThat(sent.get()).isNotEqualTo(back.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void what_happensOnce_isBegunOnce() {
        Progress call = new Progress();
        assertThat(List.of(call.beginSettling(), call.beginSettling())).containsExactly(true, false);
        assertThat(List.of(call.beginOutcome(), call.beginOutcome())).containsExactly(true, false);
        assertThat(call.endUnsent()).isTrue();
    }

    @Test
    void marks_areKeptApart() {
        Progress call = new Progress();
        assertThat(List.of(call.isPermitted(), call.isLasting(), call.isEventStream()))
                .containsOnly(false);
        call.permit(System.nanoTime());
        call.answer(false);
        assertThat(List.of(call.isPermitted(), call.isLasting(), call.isEventStream()))
                .containsExactly(true, false, false);
        assertThat(call.answeredNanos()).isNotZero();
        call.last();
        call.answer(true);
        assertThat(List.of(call.isPermitted(), call.isLasting(), call.isEventStream()))
                .containsOnly(true);
        assertThat(call.beginSending()).isTrue();
    }

    @Test
    void request_handedOver_isToldOnce() {
        Progress call = new Progress();
        List<Integer> told = new ArrayList<>();
        call.whenHanded(() -> told.add(1));
        assertThat(call.isHanded()).isFalse();
        call.hand();
        call.hand();
        assertThat(call.isHanded()).isTrue();
        assertThat(told).containsExactly(1);
        new Progress().hand();
    }
}
