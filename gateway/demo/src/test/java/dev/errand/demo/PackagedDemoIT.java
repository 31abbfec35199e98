package dev.errand.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.dependencies.DemoOnly;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;

/** The two jars as users get them: the gateway's alone, and with the demo's beside it. */
@Execution(ExecutionMode.CONCURRENT)
class PackagedDemoIT {
    private static final Path JARS = Path.of("..", "target").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private record Ended(int code, String said) {}

    private static Ended run(Path jar, List<String> options, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    @Test
    void gatewaysJar_holdsNothingThatOnlyTheDemoNeeds() throws Exception {
        try (JarFile jar = new JarFile(JARS.resolve("errand.jar").toFile())) {
            List<String> names = jar.stream().map(entry -> entry.getName()).toList();
            assertThat(DemoOnly.in(names.stream()
                            .filter(name -> name.startsWith("BOOT-INF/lib/"))
                            .toList()))
                    .isEmpty();
            assertThat(names).noneMatch(name -> name.startsWith("BOOT-INF/classes/dev/errand/demo/"));
        }
    }

    @Test
    void demo_besideTheGatewaysJar_goesAsToldAndLeavesNothing() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Ended demo = new Ended(1, "");
        for (int attempt = 0; attempt < 3 && demo.code() != 0; attempt++) {
            demo = run(JARS.resolve("errand.jar"), List.of("-Djava.io.tmpdir=" + temporary), "demo");
            if (demo.code() != 0) {
                LoggerFactory.getLogger(PackagedDemoIT.class).warn("not as told:\n{}", demo.said());
            }
        }
        assertThat(demo.code()).as(demo.said()).isZero();
        assertThat(demo.said())
                .contains("(a) ", "(b) ", "(c) ", "(d) ", "(e) ", "(f) ", "(g) ", "(h) ")
                .contains("not-granted", "invalid-proof", "sequence-violation", "task-ended", "rate-exceeded")
                .contains("Every scene went as told.")
                .doesNotContain("\u001b", "NOT AS TOLD", "NOT VERIFIED");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left)
                    .filteredOn(path -> path.getFileName().toString().startsWith("errand-demo-"))
                    .isEmpty();
        }
    }

    @Test
    void gatewaysJarAlone_saysWhatToAdd() throws Exception {
        Path jar = Files.copy(JARS.resolve("errand.jar"), directory.resolve("errand.jar"));
        Ended demo = run(jar, List.of(), "demo");
        assertThat(demo.code()).isEqualTo(1);
        assertThat(demo.said()).contains("put errand-demo.jar beside errand.jar");

        Path dev = directory.resolve("dev");
        Ended made = run(jar, List.of(), "init", "--dev", dev.toString());
        assertThat(made.code()).as(made.said()).isZero();
        // No program of this name is on the path of the child.
        Process run = embedded(jar, dev);
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(said).isEqualTo(1);
        assertThat(said).contains("errand.state.redis: embedded: no redis-server runs here", "put errand-demo.jar");
    }

    private static Process embedded(Path jar, Path config) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx256m",
                        "-jar",
                        jar.toString(),
                        "run",
                        "--config",
                        config.toString(),
                        "--server.port=0",
                        "--management.server.port=0")
                .redirectErrorStream(true);
        builder.environment().put("PATH", "/nonexistent");
        return builder.start();
    }
}
