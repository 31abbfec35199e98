package dev.errand.offline.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.offline.replay.Recorded;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much evidence a mined rule needs. */
class RuleMinerTest {
    private static List<String> mined(int calls, int runs) {
        Recorded log = new Recorded("sha-256:x");
        for (int i = 0; i < calls; i++) {
            String task = "t-" + i % runs;
            log.call(task, "m:read", "r" + i, 200).call(task, "m:pay", "r" + i, 200);
        }
        return new RuleMiner(log.tasks(), "m:pay"::equals)
                .rules().stream()
                        .map(mined -> mined.rule() + " # " + mined.evidence())
                        .toList();
    }

    @Test
    void rule_needsEightCalls_inHoweverManyRuns() {
        String rule = "{precedence: m:read, before: m:pay, same: [resource]} # 8 calls in ";
        assertThat(mined(8, 1)).containsExactly(rule + "1 run, none otherwise");
        assertThat(mined(8, 3)).containsExactly(rule + "3 runs, none otherwise");
        assertThat(mined(8, 8)).containsExactly(rule + "8 runs, none otherwise");
        assertThat(mined(7, 1)).isEmpty();
        assertThat(mined(7, 7)).isEmpty();
    }
}
