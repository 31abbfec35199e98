package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token that is replaced while the gateway runs: old and new are good for ten minutes. */
class TokenFileTest {
    private static final String FIRST = "first-".repeat(6);
    private static final String SECOND = "second-".repeat(6);
    private static final String THIRD = "third-".repeat(6);

    @TempDir
    private Path directory;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
    private Path file;
    private TokenFile token;

    @BeforeEach
    void first() throws IOException {
        file = directory.resolve("token");
        Files.writeString(file, FIRST + "\n");
        token = new TokenFile(
                "alice", file, "errand.operators", OperatorToken.load(file, "errand.operators"), nanos::get);
    }

    private void put(String text) throws IOException {
        Files.writeString(file, text);
        token.read();
    }

    private boolean takes(String text) {
        return token.isIn("Bearer " + text);
    }

    @Test
    void change_isTaken_andTheOneBeforeIsGoodForTenMinutes() throws IOException {
        Files.writeString(file, SECOND);
        assertThat(takes(SECOND)).isFalse();
        token.read();
        assertThat(takes(FIRST)).isTrue();
        assertThat(takes(SECOND)).isTrue();
        nanos.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
        token.read();
        assertThat(takes(FIRST)).isTrue();
        nanos.addAndGet(1);
        assertThat(takes(FIRST)).as("also before the next reading").isFalse();
        token.read();
        assertThat(takes(FIRST)).isFalse();
        assertThat(takes(SECOND)).isTrue();
    }

    @Test
    void secondChange_endsTheFirstTokenAtOnce() throws IOException {
        put(SECOND);
        put(THIRD);
        assertThat(takes(FIRST)).isFalse();
        assertThat(takes(SECOND)).isTrue();
        assertThat(takes(THIRD)).isTrue();
        assertThat(takes("")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", " \n"})
    void contentThatIsNoToken_changesNothing_andIsTold(String content) throws IOException {
        put(content);
        assertThat(token.fault())
                .hasValueSatisfying(why ->
                        assertThat(why).contains("errand.operators", file.toString(), "fewer than 32 characters"));
        assertThat(takes(FIRST)).isTrue();
        assertThat(takes(content)).isFalse();
        put(FIRST);
        assertThat(token.fault()).isEmpty();
    }

    @Test
    void fileThatIsGone_changesNothing_andIsTold() throws IOException {
        Files.delete(file);
        token.read();
        assertThat(token.fault()).hasValueSatisfying(why -> assertThat(why).contains("cannot be read"));
        assertThat(takes(FIRST)).isTrue();
    }
}
