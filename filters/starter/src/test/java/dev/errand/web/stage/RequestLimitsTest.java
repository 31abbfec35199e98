package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.limit.Bandwidth;
import dev.errand.state.InMemoryStartStore;
import dev.errand.token.Human;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many requests the tasks of one human may open. */
class RequestLimitsTest {
    private static final Human ALICE = new Human("https://idp.example.org", "alice");
    private static final Human BOB = new Human("https://idp.example.org", "bob");
    private static final Bandwidth TIGHT = new Bandwidth(2, Duration.ofHours(1), false);
    private static final Bandwidth LOOSE = new Bandwidth(3, Duration.ofHours(1), false);

    private final RequestLimits limits = new RequestLimits(new InMemoryStartStore());
    private int calls;

    private RequestReservation entered(Human human, Bandwidth limit) {
        return limits.enter("call-" + calls++, human, limit).block().orElseThrow();
    }

    private boolean opens(Human human, Bandwidth limit) {
        RequestReservation opening = entered(human, limit);
        opening.end(true);
        return opening.isAdmitted();
    }

    @Test
    void templates_withTheSameLimit_shareIt_forEachHuman() {
        assertThat(opens(ALICE, TIGHT)).isTrue();
        assertThat(opens(ALICE, new Bandwidth(2, Duration.ofMinutes(60), false)))
                .isTrue();
        assertThat(opens(ALICE, TIGHT)).isFalse();
        assertThat(opens(BOB, TIGHT)).isTrue();
    }

    @Test
    void templates_withOtherLimits_takeNothingFromEachOther() {
        for (int i = 0; i < 2; i++) {
            assertThat(opens(ALICE, LOOSE)).isTrue();
            assertThat(opens(ALICE, TIGHT)).isTrue();
        }
        assertThat(opens(ALICE, TIGHT)).as("beside a bucket that is not empty").isFalse();
        assertThat(opens(ALICE, LOOSE)).as("beside a bucket that is empty").isTrue();
        assertThat(opens(ALICE, LOOSE)).isFalse();
    }

    @Test
    void attempt_thatOpensNothing_takesNothing() {
        for (int i = 0; i < 5; i++) {
            RequestReservation opening = entered(ALICE, TIGHT);
            assertThat(opening.isAdmitted()).isTrue();
            opening.end(false);
        }
    }
}
