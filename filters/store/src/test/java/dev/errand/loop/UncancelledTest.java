package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

class UncancelledTest {
    @Test
    void step_goesOn_thoughItsSubscriberLeft() {
        Sinks.Empty<Void> changed = Sinks.empty();
        List<String> made = new ArrayList<>();
        Mono<String> step = changed.asMono().then(Mono.fromCallable(() -> {
            made.add("record");
            return "done";
        }));
        Uncancelled.of(step).subscribe().dispose();
        assertThat(made).isEmpty();
        changed.tryEmitEmpty();
        assertThat(made).containsExactly("record");
    }

    @Test
    void value_error_emptinessAndContext_areThoseOfTheStep() {
        assertThat(Uncancelled.of(Mono.just(1)).block()).isEqualTo(1);
        assertThat(Uncancelled.of(Mono.empty()).block()).isNull();
        assertThatThrownBy(() -> Uncancelled.of(Mono.error(new IllegalStateException("x")))
                        .block())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("x");
        assertThat(Uncancelled.of(Mono.deferContextual(context -> Mono.just(context.<String>get("a"))))
                        .contextWrite(Context.of("a", "b"))
                        .block())
                .isEqualTo("b");
    }

    @Test
    void eachSubscription_beginsAnew() {
        List<Integer> begun = new ArrayList<>();
        Mono<Integer> step = Uncancelled.of(Mono.fromCallable(() -> {
            begun.add(1);
            return 1;
        }));
        assertThat(begun).isEmpty();
        step.block();
        step.block();
        assertThat(begun).hasSize(2);
    }
}
