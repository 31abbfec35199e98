package dev.errand.gateway.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineBudgetTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final LineBudget budget = new LineBudget(nanos::get);

    private int written(int events, int lines) {
        int written = 0;
        for (int i = 0; i < events; i++) {
            written += budget.take(lines) ? 1 : 0;
        }
        return written;
    }

    @Test
    void take_inOneSecond_isBounded_andTheRestIsCountedOnce() {
        assertThat(written(1000, 1)).isEqualTo(99);
        assertThat(budget.drain()).isEqualTo(901);
        assertThat(budget.drain()).isZero();
        nanos.addAndGet(999_999_999L);
        assertThat(written(10, 1)).isZero();
        nanos.addAndGet(1);
        assertThat(written(10, 1)).isEqualTo(10);
    }

    @Test
    void take_ofManyLines_countsEach() {
        assertThat(written(10, 20)).isEqualTo(4);
        assertThat(written(100, 1)).isEqualTo(19);
    }
}
