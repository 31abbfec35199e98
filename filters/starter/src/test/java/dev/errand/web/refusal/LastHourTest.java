package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.web.refusal.LastHour.Minute;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LastHourTest {
    private static final long BEGIN = 1_795_000_020_000L / 60_000 * 60_000;

    private final AtomicLong now = new AtomicLong(BEGIN);
    private final LastHour hour = new LastHour(now::get);

    @Test
    void minutes_haveTheirCounts_andAreForgottenAfterAnHour() {
        hour.permitted();
        hour.permitted();
        now.addAndGet(59 * 60_000);
        hour.refused();
        hour.waiting();
        assertThat(hour.minutes()).hasSize(60).first().isEqualTo(new Minute(BEGIN, 2, 0, 0));
        assertThat(hour.minutes()).last().isEqualTo(new Minute(BEGIN + 59 * 60_000, 0, 1, 1));
        now.addAndGet(60_000);
        assertThat(hour.minutes()).first().isEqualTo(new Minute(BEGIN + 60_000, 0, 0, 0));
        hour.permitted();
        assertThat(hour.minutes()).last().isEqualTo(new Minute(BEGIN + 60 * 60_000, 1, 0, 0));
    }

    @Test
    void clockThatIsSetBack_losesNoCount() {
        now.addAndGet(60 * 60_000);
        hour.permitted();
        now.addAndGet(-60 * 60_000);
        hour.permitted();
        now.addAndGet(60 * 60_000);
        assertThat(hour.minutes()).last().extracting(Minute::permitted).isEqualTo(2L);
    }
}
