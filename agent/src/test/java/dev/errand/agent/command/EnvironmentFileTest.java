package dev.errand.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class EnvironmentFileTest {
    private static final String ODD = "it's $HOME \"`id`\" \\ two\nlines";

    @TempDir
    private Path directory;

    private static Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("ERRAND_TASK", "t-1");
        variables.put("ERRAND_AGENT", "http://127.0.0.1:7000/secret");
        variables.put("NO_PROXY", ODD);
        return variables;
    }

    @Test
    void shell_readsTheValuesAsTheyAre() throws Exception {
        Path path = directory.resolve("environment");
        try (EnvironmentFile file = EnvironmentFile.write(path, variables())) {
            assertThat(file.path()).isEqualTo(path.toAbsolutePath());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            Process shell = new ProcessBuilder(
                            "sh",
                            "-c",
                            ". \"$1\" && exec sh -c 'printf \"%s|%s|%s\" \"$ERRAND_AGENT\" \"$ERRAND_TASK\" \"$NO_PROXY\"'",
                            "sh",
                            path.toString())
                    .start();
            assertThat(new String(shell.getInputStream().readAllBytes()))
                    .isEqualTo("http://127.0.0.1:7000/secret|t-1|" + ODD);
            assertThat(directory).isDirectoryContaining("glob:**/environment").isDirectoryNotContaining("glob:**.env");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void file_thatAKilledCompanionLeft_isReplaced() throws Exception {
        Path path = directory.resolve("environment");
        Files.writeString(path, "export ERRAND_AGENT='http://127.0.0.1:1/old'\n");
        try (EnvironmentFile file = EnvironmentFile.write(path, variables())) {
            assertThat(file.path()).content().contains("/secret'").doesNotContain("old");
        }
    }

    @Test
    void anotherFile_stays() throws Exception {
        Path mine = Files.writeString(directory.resolve("mine"), "export A=b\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), mine);
        for (Path path : new Path[] {mine, link, directory}) {
            assertThatThrownBy(() -> EnvironmentFile.write(path, variables()))
                    .isInstanceOf(AgentException.class)
                    .hasMessage("--environment " + path + ": it is there already");
        }
        assertThat(mine).hasContent("export A=b");
        assertThatThrownBy(() -> EnvironmentFile.write(directory.resolve("none/environment"), variables()))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("cannot be written");
    }
}
