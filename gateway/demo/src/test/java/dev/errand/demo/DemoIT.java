package dev.errand.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DemoIT {
    @Test
    void demo_everyScene_goesAsTold() throws IOException {
        Set<Path> before = directories();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int code = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("demo");

        assertThat(code).as("%s%n%s", out, err).isZero();
        assertThat(out.toString())
                .contains("(a) ", "(b) ", "(c) ", "(d) ", "(e) ", "(f) ", "(g) ", "(h) ")
                .contains("not-granted", "invalid-proof", "sequence-violation", "task-ended", "rate-exceeded")
                .contains("Every scene went as told.")
                .doesNotContain("\u001b", "NOT AS TOLD", "NOT VERIFIED");
        assertThat(directories()).as("temporary directories left behind").isEqualTo(before);
    }

    private static Set<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().startsWith("errand-demo-"))
                    .collect(Collectors.toSet());
        }
    }
}
