package dev.errand.web.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.web.route.Revisions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

class CallSendingTest {
    private static Call call() {
        return new Call("vault", "GET", "/vault/v1/x", "00", Revisions.EMPTY, Schedulers.immediate());
    }

    @Test
    void call_givenBack_isNotSentAfterwards() {
        Call call = call();
        assertThat(call.endUnsent()).isTrue();
        assertThat(call.beginSending()).isFalse();
        assertThat(call.endUnsent()).isTrue();
    }

    @Test
    void call_sent_isNotGivenBackAfterwards() {
        Call call = call();
        assertThat(call.beginSending()).isTrue();
        assertThat(call.endUnsent()).isFalse();
        assertThat(call.beginSending()).isTrue();
    }

    @Test
    void call_sentAndGivenBackAtOnce_isExactlyOneOfTheTwo() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 2_000; round++) {
                Call call = call();
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
}
