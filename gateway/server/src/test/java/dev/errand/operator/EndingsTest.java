package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** How many tasks an order has ended, and how many it is still going to end. */
class EndingsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void endings_thatTakeLong_areCountedBeforeTheyAreOver() {
        List<Sinks.One<Boolean>> open = new CopyOnWriteArrayList<>();
        Endings endings = Endings.begin(Flux.range(0, 105), task -> {
            Sinks.One<Boolean> end = Sinks.one();
            open.add(end);
            return end.asMono();
        });
        assertThat(endings.ended()).isZero();
        assertThat(endings.ending()).isEqualTo(105);
        assertThat(open).as("only so many at once").hasSize(64);
        open.get(0).tryEmitValue(true);
        assertThat(endings.ended()).isEqualTo(1);
        assertThat(endings.ending()).isEqualTo(104);
        for (int i = 1; i < 105; i++) {
            open.get(i).tryEmitValue(true);
        }
        endings.over().block(SOON);
        assertThat(endings.ended()).isEqualTo(105);
        assertThat(endings.ending()).isZero();
    }

    @Test
    void search_thatGoesOn_leavesTheNumberUnknown() {
        Sinks.Many<Integer> search = Sinks.many().unicast().onBackpressureBuffer();
        Endings endings = Endings.begin(search.asFlux(), task -> Mono.just(true));
        search.tryEmitNext(1);
        assertThat(endings.ended()).isEqualTo(1);
        assertThat(endings.ending()).isNull();
        search.tryEmitComplete();
        assertThat(endings.ending()).isZero();
    }

    @Test
    void search_thatFails_isTold_andWhatItFoundIsEnded() {
        Flux<Integer> search = Flux.just(1, 2).concatWith(Mono.error(new StoreUnavailableException("away")));
        Endings endings = Endings.begin(search, task -> Mono.just(true));
        assertThatThrownBy(() -> endings.over().block()).isInstanceOf(StoreUnavailableException.class);
        assertThat(endings.ended()).isEqualTo(2);
        assertThat(endings.ending()).isNull();
    }

    @Test
    void taskThatCannotBeEnded_isStillToBeEnded() {
        Endings endings = Endings.begin(Flux.just(1, 2, 3), task -> Mono.just(task != 2));
        endings.over().block(SOON);
        assertThat(endings.ended()).isEqualTo(2);
        assertThat(endings.ending()).isEqualTo(1);
    }
}
