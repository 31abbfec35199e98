package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the gateway looks for what only the demo needs. */
class DemoJarTest {
    @TempDir
    Path directory;

    @Test
    void beside_theJarThatRuns_isWhereItLies() throws Exception {
        Path errand = directory.resolve("errand.jar");
        assertThat(DemoJar.beside(errand.toString())).isNull();
        Path demo = Files.createFile(directory.resolve("errand-demo.jar"));
        assertThat(DemoJar.beside(errand.toString())).isEqualTo(demo.toAbsolutePath());
        assertThat(DemoJar.beside(directory + "/classes" + File.pathSeparator + errand))
                .as("a class path of several")
                .isNull();
    }

    @Test
    void demo_withoutIt_saysWhatToAdd() {
        StringWriter err = new StringWriter();
        int code = Errand.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute("demo");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("errand demo: the demonstration is not here: put errand-demo.jar beside errand.jar");
    }
}
