package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class PagesTest {
    private static final int MANY = 200_000;

    @Test
    void manyPages_areReadInTheirOrder_andTheStackDoesNotGrow() {
        AtomicInteger read = new AtomicInteger();
        Pages.<Integer>each(
                        below -> Mono.fromSupplier(() -> {
                            int page = below == null ? 0 : Integer.parseInt(below);
                            assertThat(read.getAndIncrement()).isEqualTo(page);
                            return page;
                        }),
                        page -> page + 1 < MANY ? String.valueOf(page + 1) : null)
                .blockLast();
        assertThat(read).hasValue(MANY);
    }

    @Test
    void pageThatCannotBeRead_endsIt() {
        List<String> read = new ArrayList<>();
        assertThatThrownBy(() -> Pages.<String>each(
                                below -> {
                                    read.add(String.valueOf(below));
                                    return below == null
                                            ? Mono.just("b")
                                            : Mono.error(new StoreUnavailableException("away"));
                                },
                                page -> page)
                        .blockLast())
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(read).containsExactly("null", "b");
    }
}
