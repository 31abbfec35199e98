package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileLimitTest {
    @ParameterizedTest
    @CsvSource({
        // limit, open, configured, taken
        "1048576, 200, 10000, 10000",
        "20000, 200, 10000, 10000",
        "4096, 200, 10000, 2384",
        "1024, 200, 10000, 336",
        "1024, 200, 100, 100",
        "1024, 200, 0, 336",
        "256, 200, 10000, 16",
        "1048576, 200, 0, 698704"
    })
    void bounded_isWhatIsConfiguredOrWhatFits(long max, long open, int configured, int taken) {
        assertThat(ServerConnections.bounded(configured, new FileLimit(max, open)))
                .isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({"100", "101", "10000"})
    void needed_isTheLeastLimitThatFits(int connections) {
        FileLimit limit = new FileLimit(1024, 200);
        long needed = limit.needed(connections);
        assertThat(new FileLimit(needed, 200).connections()).isGreaterThanOrEqualTo(connections);
        assertThat(new FileLimit(needed - 2, 200).connections()).isLessThan(connections);
    }

    @Test
    void bounded_whereTheSystemTellsNoLimit_isWhatIsConfigured() {
        assertThat(ServerConnections.bounded(10_000, null)).isEqualTo(10_000);
    }
}
