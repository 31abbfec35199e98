package dev.errand.state.histories;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bounded run of the campaign of {@code load-tests/histories}, on one seed for each kind of store. */
@Tag("faults")
class HistoriesIT {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"single, 27", "failover, 28", "cluster, 29", "hardened, 30"})
    void history_underFaults_showsNothingThatTheModelForbids(String kind, long seed) throws Exception {
        try (History history = new History(seed, kind, directory)) {
            assertThat(history.run(400)).isEmpty();
            assertThat(history.calls()).isGreaterThan(200);
            assertThat(history.passes()).as("calls that passed by an approval").isPositive();
            assertThat(history.approvedUnknown())
                    .as("calls approved although an outcome was unknown")
                    .isPositive();
            assertThat(history.unknown())
                    .as("calls refused because an outcome was unknown")
                    .isPositive();
        }
    }

    /** How much a history does behind a slow link depends on the machine. */
    @Test
    void history_behindASlowLink_showsNothingThatTheModelForbids() throws Exception {
        try (History history = new History(31, "slow", directory)) {
            assertThat(history.run(200)).isEmpty();
            assertThat(history.calls()).isPositive();
        }
    }
}
