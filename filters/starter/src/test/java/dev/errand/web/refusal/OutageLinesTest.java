package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutageLinesTest {
    private final AtomicLong nanos = new AtomicLong(Long.MIN_VALUE + 5);
    private final OutageLines lines = new OutageLines(nanos::get);

    @Test
    void reason_isWrittenOnce_andThenCountedAMinute() {
        assertThat(lines.take("the store")).isZero();
        for (int i = 0; i < 499; i++) {
            assertThat(lines.take("the store")).isEqualTo(-1);
        }
        assertThat(lines.take("the log")).isZero();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(60) - 1);
        assertThat(lines.take("the store")).isEqualTo(-1);
        nanos.addAndGet(1);
        assertThat(lines.take("the store")).isEqualTo(500);
        assertThat(lines.take("the store")).isEqualTo(-1);
    }

    @Test
    void reasons_beyondTheBound_shareTheirLines() {
        for (int i = 0; i < OutageLines.MOST; i++) {
            assertThat(lines.take("reason " + i)).isZero();
        }
        assertThat(lines.take("one more")).isZero();
        assertThat(lines.take("and another")).isEqualTo(-1);
    }
}
