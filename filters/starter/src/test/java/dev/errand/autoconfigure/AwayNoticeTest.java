package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.AwayNotice.Line;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AwayNoticeTest {
    private final AwayNotice notice = new AwayNotice();

    private Line look(boolean available, double seconds) {
        // A clock of its own, which begins far below zero as System.nanoTime may.
        return notice.look(available, Long.MIN_VALUE + 5 + (long) (seconds * 1e9));
    }

    @Test
    void look_available_saysNothing() {
        assertThat(look(true, 0)).isNull();
        assertThat(look(true, 100)).isNull();
    }

    @Test
    void look_awayForLong_saysSoAtOnceAndEveryMinute_andOnceThatItIsBack() {
        assertThat(look(false, 1)).isEqualTo(new Line.Away(Duration.ZERO));
        assertThat(look(false, 1.25)).isNull();
        assertThat(look(false, 60.9)).isNull();
        assertThat(look(false, 61)).isEqualTo(new Line.Away(Duration.ofSeconds(60)));
        assertThat(look(false, 62)).isNull();
        assertThat(look(true, 63)).isEqualTo(new Line.Back(Duration.ofSeconds(62)));
        assertThat(look(true, 64)).isNull();
    }

    @Test
    void look_comesAndGoes_saysItOnceInAMinute() {
        assertThat(look(false, 0)).isNotNull();
        assertThat(look(true, 1)).isInstanceOf(Line.Back.class);
        for (double at = 2; at < 60; at += 2) {
            assertThat(look(false, at)).isNull();
            assertThat(look(true, at + 1)).isNull();
        }
        assertThat(look(false, 60.5)).isEqualTo(new Line.Away(Duration.ZERO));
    }

    @Test
    void look_absenceOfWhichNothingWasSaid_isToldOnceItHasLasted() {
        look(false, 0);
        look(true, 1);
        assertThat(look(false, 3)).isNull();
        assertThat(look(false, 60)).isEqualTo(new Line.Away(Duration.ofSeconds(57)));
    }
}
