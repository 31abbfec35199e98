package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerFileTest {
    @TempDir
    private Path directory;

    private Path file(String mode, String content) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void file_isMadeForItsUserAlone_andReadAgain() throws Exception {
        Path file = directory.resolve("made");
        String token = BearerFile.readOrCreate(file);
        assertThat(token).matches("[A-Za-z0-9_-]{43}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(BearerFile.readOrCreate(file)).isEqualTo(token);
    }

    @Test
    void file_ofAnotherProgram_isRead() throws Exception {
        String token = "t".repeat(32);
        assertThat(BearerFile.readOrCreate(file("rw-r-----", token + "\n"))).isEqualTo(token);
    }

    @Test
    void file_thatEverybodyReads_isRefused() throws Exception {
        Path file = file("rw-r--r--", "t".repeat(32));
        assertThatThrownBy(() -> BearerFile.readOrCreate(file))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "0123456789abcdef 0123456789abcdef", "0123456789abcdef0123456789abcdefü"})
    void file_withoutAToken_isRefused(String content) throws Exception {
        Path file = file("rw-------", content);
        assertThatThrownBy(() -> BearerFile.readOrCreate(file))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("one token")
                .hasMessageNotContaining("0123456789");
    }

    @Test
    void place_thatCannotBeWritten_isAFault() {
        assertThatThrownBy(() -> BearerFile.readOrCreate(directory.resolve("none/token")))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("neither made nor read");
    }
}
