package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineBudgetTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final LineBudget budget = new LineBudget(50, 20, new TimeMeter() {
        @Override
        public long currentTimeNanos() {
            return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    });

    private int written(int events, int lines) {
        int written = 0;
        for (int i = 0; i < events; i++) {
            written += budget.take(lines) ? 1 : 0;
        }
        return written;
    }

    @Test
    void take_isBoundedAtOnce_andInAnySecond() {
        assertThat(written(1000, 1)).isEqualTo(50);
        nanos.addAndGet(500_000_000L);
        assertThat(written(1000, 1)).isEqualTo(10);
        nanos.addAndGet(500_000_000L);
        assertThat(written(1000, 1)).isEqualTo(10);
        nanos.addAndGet(60_000_000_000L);
        assertThat(written(1000, 1)).isEqualTo(50);
    }

    @Test
    void take_ofManyLines_countsEach_andNeverMoreThanThereMayBeAtOnce() {
        assertThat(written(10, 20)).isEqualTo(2);
        assertThat(written(100, 1)).isEqualTo(10);
        nanos.addAndGet(60_000_000_000L);
        assertThat(budget.take(51)).isFalse();
        assertThat(budget.take(50)).isTrue();
    }

    @Test
    void leftOut_isCountedOnce() {
        budget.leaveOut();
        budget.leaveOut();
        assertThat(budget.drain()).isEqualTo(2);
        assertThat(budget.drain()).isZero();
    }
}
