package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jars, built a second time in another place, are the same bytes as those of this checkout, which must be built. It takes
 * minutes, so it runs only with {@code -Derrand.reproducible=true}.
 */
@EnabledIfSystemProperty(named = "errand.reproducible", matches = "true")
class ReproducibleJarIT {
    private static final List<String> JARS =
            List.of("gateway/target/errand.jar", "gateway/target/errand-demo.jar", "agent/target/errand-agent.jar");

    @TempDir
    private Path directory;

    private static Map<String, String> sums(Path top) throws Exception {
        Map<String, String> sums = new HashMap<>();
        for (String jar : JARS) {
            sums.put(
                    jar,
                    ServerProcess.run("sha256sum", top.resolve(jar).toString()).split(" ")[0]);
        }
        return sums;
    }

    @Test
    void jars_builtElsewhere_areTheSameBytes() throws Exception {
        Path repository = RunningGateway.repository();
        Path other = Files.createDirectories(directory.resolve("elsewhere/errand"));
        ServerProcess.run(
                "sh",
                "-c",
                "cd \"$1\" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t \"$2\"",
                "sh",
                repository.toString(),
                other.toString());
        ProcessBuilder build = new ProcessBuilder(
                "./mvnw", "-B", "-ntp", "-q", "-o", "-DskipTests", "package", "-pl", "agent,gateway/demo", "-am");
        ServerProcess.Outcome outcome = ServerProcess.end(build.directory(other.toFile()), "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        assertThat(sums(other)).isEqualTo(sums(repository));
    }
}
