package dev.errand.state.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bounded run of the campaign of {@code load-tests/histories}, on one seed for each kind of store. CI runs all kinds, by
 * {@code -Derrand.histories.steps=400}.
 */
class HistoriesIT {
    /** So many steps have calls of every kind. */
    private static final int LONG = 400;

    private static final int STEPS = Integer.getInteger("errand.histories.steps", 200);
    private static final Map<String, Long> SEEDS =
            Map.of("single", 27L, "failover", 28L, "cluster", 29L, "hardened", 30L, "slow", 31L);

    @TempDir
    Path directory;

    static List<String> kinds() {
        return STEPS < LONG
                ? List.of("failover", "cluster")
                : List.of("single", "failover", "cluster", "hardened", "slow");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void history_underFaults_showsNothingThatTheModelForbids(String kind) throws Exception {
        try (History history = new History(SEEDS.get(kind), kind, directory)) {
            assertThat(history.run(STEPS)).isEmpty();
            // How much a history does behind a slow link depends on the machine.
            boolean isSlow = kind.equals("slow");
            assertThat(history.calls()).isGreaterThan(isSlow ? 0 : STEPS / 2);
            if (STEPS < LONG || isSlow) {
                return;
            }
            assertThat(history.passes()).as("calls that passed by an approval").isPositive();
            assertThat(history.approvedUnknown())
                    .as("calls approved although an outcome was unknown")
                    .isPositive();
            assertThat(history.unknown())
                    .as("calls refused because an outcome was unknown")
                    .isPositive();
        }
    }
}
