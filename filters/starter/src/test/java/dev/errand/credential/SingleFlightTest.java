package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class SingleFlightTest {
    private final SingleFlight<String> flights = new SingleFlight<>();
    private final List<Sinks.One<String>> begun = new ArrayList<>();
    private final AtomicInteger cancelled = new AtomicInteger();

    private Mono<String> join() {
        return flights.join(Mono.defer(() -> {
                    Sinks.One<String> end = Sinks.one();
                    begun.add(end);
                    return end.asMono();
                })
                .doOnCancel(cancelled::incrementAndGet));
    }

    @Test
    void join_whileOneIsUnderWay_getsWhatThatComesTo() {
        assertThat(flights.isIdle()).isTrue();
        CompletableFuture<String> first = join().toFuture();
        CompletableFuture<String> second = join().toFuture();
        assertThat(begun).hasSize(1);
        assertThat(flights.isIdle()).isFalse();

        begun.get(0).tryEmitValue("one");
        assertThat(first).isCompletedWithValue("one");
        assertThat(second).isCompletedWithValue("one");
    }

    @Test
    void join_byWhoHearsOfTheEnd_beginsAnother() {
        CompletableFuture<Boolean> idle = join().map(value -> flights.isIdle()).toFuture();
        begun.get(0).tryEmitValue("one");
        assertThat(idle).isCompletedWithValue(true);

        CompletableFuture<String> next = join().toFuture();
        begun.get(1).tryEmitValue("two");
        assertThat(next).isCompletedWithValue("two");
    }

    @Test
    void join_ofWhatFails_fails_andTheNextBeginsAnother() {
        CompletableFuture<String> first = join().toFuture();
        CompletableFuture<String> second = join().toFuture();
        begun.get(0).tryEmitError(new IllegalStateException("no"));
        assertThatThrownBy(first::get).hasRootCauseMessage("no");
        assertThatThrownBy(second::get).hasRootCauseMessage("no");

        CompletableFuture<String> next = join().toFuture();
        begun.get(1).tryEmitValue("two");
        assertThat(next).isCompletedWithValue("two");
    }

    @Test
    void join_leftByAll_goesOn() {
        Disposable first = join().subscribe();
        first.dispose();
        assertThat(cancelled).hasValue(0);

        CompletableFuture<String> second = join().toFuture();
        assertThat(begun).hasSize(1);
        begun.get(0).tryEmitValue("one");
        assertThat(second).isCompletedWithValue("one");
    }

    @Test
    void join_ofWhatEndsAtOnce_orEmpty_leavesNoneUnderWay() {
        assertThat(flights.join(Mono.just("one")).toFuture()).isCompletedWithValue("one");
        assertThat(flights.isIdle()).isTrue();
        assertThat(flights.join(Mono.empty()).toFuture()).isCompletedWithValue(null);
        assertThat(flights.isIdle()).isTrue();
        assertThat(flights.join(Mono.just("two")).toFuture()).isCompletedWithValue("two");
    }

    @Test
    void join_leftBeforeItBegins_beginsAllTheSame() {
        join().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
            }
        });
        assertThat(begun).hasSize(1);
        begun.get(0).tryEmitValue("one");
        assertThat(flights.isIdle()).isTrue();
    }
}
