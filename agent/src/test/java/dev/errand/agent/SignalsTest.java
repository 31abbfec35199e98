package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalsTest {
    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143", "HUP,129"})
    void firstSignal_saysTheStatusOfACommandThatNeverRan(String name, int status) {
        Signals signals = new Signals();
        signals.came("USR1");
        assertThat(signals.isEnd()).isFalse();
        signals.came(name);
        signals.came("HUP");
        assertThat(signals.isEnd()).isTrue();
        assertThat(signals.first()).isEqualTo(name);
        assertThat(signals.status()).isEqualTo(status);
    }

    @Test
    void terminal_tellsItsForegroundOnly() {
        assertThat(ChildProcess.isForeground("7 (a b) c) S 1 70 7 34816 70 4194304 0"))
                .isTrue();
        assertThat(ChildProcess.isForeground("7 (sh) S 1 71 7 34816 70 4194304 0"))
                .isFalse();
        assertThat(ChildProcess.isForeground("7 (sh) S 1 71 7 0 -1 4194304 0")).isFalse();
        assertThat(ChildProcess.isForeground("")).isFalse();
    }
}
