package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code deploy/start-cache} with a Java that only plays what it is asked for, and fails where a test wants it. */
class StartCacheTest {
    /** Fails at the step whose option the file {@code fails} names. */
    private static final String JAVA = """
        #!/bin/sh
        fails=$(cat "$(dirname "$0")/fails")
        times=$(cat "$(dirname "$0")/times" 2>/dev/null || echo 99)
        for word in "$@"; do
          case $word in
            "$fails"*)
              [ "$times" -eq 0 ] || { echo $((times - 1)) >"$(dirname "$0")/times"; echo "no $word here" >&2; exit 1; } ;;
          esac
        done
        for word in "$@"; do
          case $word in
            -Djarmode=tools) for last; do :; done; mkdir "$last"; touch "$last/errand.jar" ;;
            -XX:DumpLoadedClassList=* | -XX:AOTCacheOutput=*) touch "${word#*=}" ;;
            -Xshare:dump) for each; do case $each in -XX:SharedArchiveFile=*) touch "${each#*=}" ;; esac; done ;;
          esac
        done
        """;

    @TempDir
    private Path directory;

    private Path java;
    private Path made;

    @BeforeEach
    void lay() throws IOException {
        java = directory.resolve("jdk/bin/java");
        made = directory.resolve("a cache/made");
        Files.createDirectories(java.getParent());
        Files.createDirectory(made.getParent());
        Files.writeString(java, JAVA);
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(directory.resolve("errand.jar"), "a jar");
    }

    private int make(String release, String fails, Path told) throws Exception {
        return make(release, fails, told, "");
    }

    private int make(String release, String fails, Path told, String startCache) throws Exception {
        Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"" + release + "\"\n");
        Files.writeString(java.resolveSibling("fails"), fails);
        ProcessBuilder program = new ProcessBuilder(
                        Checkout.path("deploy/start-cache").toString(),
                        java.toString(),
                        directory.resolve("errand.jar").toString(),
                        made.toString(),
                        "-XX:+UseSerialGC")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(told.toFile());
        program.environment().put("ERRAND_START_CACHE", startCache);
        Process process = program.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private List<String> left() throws IOException {
        try (var files = Files.list(made.getParent())) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"17.0.1, start.jsa", "25.0.1, start.aot"})
    void cache_thatAJvmStartsFrom_isReady(String release, String kept) throws Exception {
        Path told = directory.resolve("told");
        assertThat(make(release, "nothing", told)).isZero();
        assertThat(made.resolve(kept)).exists();
        assertThat(made.resolve("ready")).exists();
        assertThat(left()).containsExactly("made");
        assertThat(Files.readString(told, StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "17.0.1, -Djarmode=tools",
        "17.0.1, -XX:DumpLoadedClassList",
        "17.0.1, -Xshare:dump",
        "17.0.1, -Xshare:on",
        "25.0.1, -XX:AOTCacheOutput",
        "25.0.1, -XX:AOTMode=on"
    })
    void cache_thatCannotBeMadeOrUsed_isNotReady_andTheReasonIsTold(String release, String fails) throws Exception {
        Path told = directory.resolve("told");
        assertThat(make(release, fails, told)).isEqualTo(1);
        assertThat(left()).isEmpty();
        assertThat(Files.readString(told, StandardCharsets.UTF_8)).contains("no " + fails);
    }

    @Test
    void cache_thatCouldNotBeMade_isMadeByTheNextRun() throws Exception {
        Path told = directory.resolve("told");
        assertThat(make("17.0.1", "-Xshare:dump", told)).isEqualTo(1);
        assertThat(make("17.0.1", "nothing", told)).isZero();
        assertThat(made.resolve("ready")).exists();
    }

    /** As on a busy machine, where a rehearsal fails and the next one does not. */
    @Test
    void optionalCache_whoseRehearsalFailsTwice_isMadeByTheThird() throws Exception {
        Path told = directory.resolve("told");
        Files.writeString(java.resolveSibling("times"), "2");
        assertThat(make("17.0.1", "-XX:DumpLoadedClassList", told, "optional")).isZero();
        assertThat(made.resolve("start.jsa")).exists();
        assertThat(Files.readString(told, StandardCharsets.UTF_8)).doesNotContain("has no start cache");
    }

    @Test
    void optionalCache_thatCannotBeMade_isLeftOut_andThisIsTold() throws Exception {
        Path told = directory.resolve("told");
        assertThat(make("17.0.1", "-Xshare:on", told, "optional")).isZero();
        assertThat(made.resolve("errand.jar")).exists();
        assertThat(made.resolve("start.jsa")).doesNotExist();
        assertThat(Files.readString(told, StandardCharsets.UTF_8))
                .contains("no -Xshare:on", made + " has no start cache, so each start takes longer");
    }
}
