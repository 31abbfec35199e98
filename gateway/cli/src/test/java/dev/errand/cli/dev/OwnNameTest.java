package dev.errand.cli.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnNameTest {
    @TempDir
    private Path directory;

    private Path home;

    @BeforeEach
    void script() throws IOException {
        home = Files.createDirectory(directory.resolve("clone"));
        assertThat(Files.createFile(home.resolve("errand")).toFile().setExecutable(true))
                .isTrue();
    }

    @Test
    void folderOfTheScript_isCalledByDot() {
        assertThat(OwnName.from(home, home.toString())).isEqualTo("./errand");
    }

    @Test
    void anotherFolder_isCalledByPath() {
        assertThat(OwnName.from(directory, home.toString()))
                .isEqualTo(home.resolve("errand").toString());
    }

    @Test
    void pathOfSeveralWords_isOneWordOfTheShell() throws IOException {
        Path spaced = Files.move(home, directory.resolve("it's mine"));
        assertThat(OwnName.from(directory, spaced.toString())).isEqualTo("'" + directory + "/it'\\''s mine/errand'");
    }

    @Test
    void noScript_isTheBareName() {
        assertThat(OwnName.from(home, null)).isEqualTo("errand");
        assertThat(OwnName.from(home, directory.toString())).isEqualTo("errand");
    }
}
