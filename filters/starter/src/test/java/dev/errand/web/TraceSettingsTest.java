package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceSettingsTest {
    private static TraceSettings settings(String compression, double share) {
        return new TraceSettings(
                "http://127.0.0.1:4318/v1/traces",
                Map.of(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                compression,
                share,
                Map.of());
    }

    @Test
    void new_shareOrCompressionThatThereIsNot_isRefused() {
        assertThat(settings("gzip", 0).share()).isZero();
        assertThat(settings("none", 1).share()).isOne();
        assertThatThrownBy(() -> settings("none", 1.01)).hasMessageContaining("0 to 1, was 1.01");
        assertThatThrownBy(() -> settings("none", -0.1)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> settings("none", Double.NaN)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> settings("zstd", 1)).hasMessageContaining("gzip or none, was 'zstd'");
    }
}
