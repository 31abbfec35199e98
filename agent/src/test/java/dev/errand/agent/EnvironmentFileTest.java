package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
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
        variables.put("ODD", ODD);
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
                            ". \"$1\" && exec sh -c 'printf \"%s|%s|%s\" \"$ERRAND_AGENT\" \"$ERRAND_TASK\" \"$ODD\"'",
                            "sh",
                            path.toString())
                    .start();
            assertThat(new String(shell.getInputStream().readAllBytes()))
                    .isEqualTo("http://127.0.0.1:7000/secret|t-1|" + ODD);
            assertThat(directory).isDirectoryContaining("glob:**/environment").isDirectoryNotContaining("glob:**.env");
        }
        assertThat(path).doesNotExist();
    }

    /** What a shell that read the file has in these variables, one a line. */
    private static String read(Path path, Map<String, String> before, String... names) throws Exception {
        ProcessBuilder shell =
                new ProcessBuilder("sh", "-euc", ". \"$0\"; . \"$0\"; for n; do eval \"echo \\$$n\"; done");
        shell.command().add(path.toString());
        shell.command().addAll(List.of(names));
        shell.environment().clear();
        shell.environment().put("PATH", System.getenv("PATH"));
        shell.environment().putAll(before);
        Process run = shell.redirectErrorStream(true).start();
        return new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void hostsWithoutAProxy_areAddedToTheReadersOwn() throws Exception {
        Map<String, String> variables = variables();
        variables.put("NO_PROXY", "of.the.companion");
        variables.put("no_proxy", "of.the.companion");
        Path path = directory.resolve("environment");
        try (EnvironmentFile file = EnvironmentFile.write(path, variables)) {
            assertThat(file.path())
                    .content()
                    .contains("export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}127.0.0.1,localhost\"\n")
                    .contains("export no_proxy=\"${no_proxy:+$no_proxy,}127.0.0.1,localhost\"\n")
                    .doesNotContain("of.the.companion");
            String local = "127.0.0.1,localhost";
            assertThat(read(path, Map.of("NO_PROXY", ".agents.example.org"), "NO_PROXY", "no_proxy"))
                    .isEqualTo(".agents.example.org," + local + "," + local + "\n" + local + "," + local + "\n");
        }
    }

    @Test
    void trustedAuthorities_ofTheReader_stay() throws Exception {
        Path own = Files.writeString(directory.resolve("own.pem"), "own");
        Map<String, String> variables = variables();
        variables.put("ERRAND_CA", "/run/errand/it's.pem");
        for (String name : List.of("SSL_CERT_FILE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")) {
            variables.put(name, "/run/errand/it's.pem");
        }
        Path path = directory.resolve("environment");
        try (EnvironmentFile file = EnvironmentFile.write(path, variables)) {
            Map<String, String> before = Map.of("SSL_CERT_FILE", own.toString(), "AWS_CA_BUNDLE", "/gone.pem");
            assertThat(read(file.path(), before, "SSL_CERT_FILE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "ERRAND_CA"))
                    .isEqualTo(own + "\n" + "/run/errand/it's.pem\n".repeat(3));
        }
    }

    @Test
    void file_thatAnotherCompanionReplaced_stays() throws Exception {
        Path path = directory.resolve("environment");
        Map<String, String> others = variables();
        others.put("ERRAND_AGENT", "http://127.0.0.1:7000/others");
        EnvironmentFile first = EnvironmentFile.write(path, variables());
        EnvironmentFile second = EnvironmentFile.write(path, others);
        first.close();
        assertThat(path).content().contains("/others'");
        Files.writeString(path, "# more\n", StandardOpenOption.APPEND);
        second.close();
        assertThat(path).content().endsWith("# more\n");
    }

    @Test
    void place_isCheckedBefore() throws Exception {
        Path mine = Files.writeString(directory.resolve("mine"), "export A=b\n");
        Path left = Files.writeString(directory.resolve("left"), "export ERRAND_AGENT='http://127.0.0.1:1/old'\n");
        EnvironmentFile.check(left);
        EnvironmentFile.check(directory.resolve("environment"));
        assertThat(left).exists();
        assertThatThrownBy(() -> EnvironmentFile.check(Path.of("")))
                .isInstanceOf(AgentException.class)
                .hasMessage("--environment must name a file");
        for (Path path : new Path[] {mine, directory, Path.of("/")}) {
            assertThatThrownBy(() -> EnvironmentFile.check(path))
                    .isInstanceOf(AgentException.class)
                    .hasMessage("--environment " + path + ": it is there already");
        }
        for (Path folder : new Path[] {directory.resolve("none"), mine, Path.of("/proc")}) {
            assertThatThrownBy(() -> EnvironmentFile.check(folder.resolve("environment")))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("cannot be written: ");
        }
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
