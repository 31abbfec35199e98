package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectPaceTest {
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(1);

    /** The time until the next attempt may begin, in milliseconds; each attempt fails at once. */
    private static long next(ConnectPace pace, long[] now) {
        long begin = now[0];
        while (!pace.begin(now[0])) {
            now[0] += STEP;
        }
        pace.ended();
        return TimeUnit.NANOSECONDS.toMillis(now[0] - begin);
    }

    @Test
    void attempts_followEachOtherMoreAndMoreSlowly_untilTheStoreAnswers() {
        long[] now = {Long.MAX_VALUE - 5 * STEP};
        ConnectPace pace = new ConnectPace(now[0]);
        assertThat(next(pace, now)).isZero();
        assertThat(next(pace, now)).isBetween(99L, 101L);
        assertThat(next(pace, now)).isBetween(99L, 201L);
        assertThat(next(pace, now)).isBetween(199L, 401L);
        for (int i = 0; i < 100; i++) {
            assertThat(next(pace, now)).isBetween(399L, 801L);
        }
        pace.answered();
        next(pace, now);
        assertThat(next(pace, now)).isBetween(99L, 101L);
    }

    @Test
    void attempts_differBetweenReplicas() {
        long first = 0;
        boolean differ = false;
        for (int replica = 0; replica < 20; replica++) {
            long[] now = {0};
            ConnectPace pace = new ConnectPace(0);
            for (int i = 0; i < 8; i++) {
                next(pace, now);
            }
            differ |= replica > 0 && now[0] != first;
            first = now[0];
        }
        assertThat(differ).isTrue();
    }

    @Test
    void slowAttempts_areAtMostTwo() {
        ConnectPace pace = new ConnectPace(0);
        long day = TimeUnit.DAYS.toNanos(1);
        assertThat(pace.begin(0)).isTrue();
        assertThat(pace.begin(day)).isTrue();
        assertThat(pace.begin(2 * day)).isFalse();
        pace.ended();
        assertThat(pace.begin(2 * day)).isTrue();
    }
}
