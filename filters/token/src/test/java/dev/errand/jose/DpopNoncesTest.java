package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DpopNoncesTest {
    private static final long NOW = 1_795_511_900_000L;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    @Test
    void accepts_afterARotation_theNewAndForAWindowTheFormer(@TempDir Path directory) throws KeyFileException {
        KeyRing first = KeyRing.createIfAbsent(directory.resolve("a.jwks"));
        KeyRing second = KeyRing.createIfAbsent(directory.resolve("b.jwks"));
        KeyRotation keys = new KeyRotation(first);
        DpopNonces nonces = DpopNonces.of(keys, WINDOW);
        String former = nonces.current(NOW);
        keys.swap(second);

        assertThat(nonces.current(NOW)).isNotEqualTo(former);
        assertThat(nonces.current(NOW)).isEqualTo(DpopNonces.of(second, WINDOW).current(NOW));
        assertThat(nonces.accepts(nonces.current(NOW), NOW)).isTrue();
        assertThat(nonces.accepts(former, NOW)).isTrue();
        assertThat(nonces.accepts(former, NOW + WINDOW.toMillis())).isTrue();
        assertThat(nonces.accepts(former, NOW + 2 * WINDOW.toMillis())).isFalse();
    }
}
