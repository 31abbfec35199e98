package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogIndex;
import dev.errand.log.write.GeneratedLog;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A command that looks one record up takes little longer than {@code errand --version}. The time goes to classes, and their number is
 * the same on every machine: so the number is held, not the time.
 */
class LookUpClassesTest {
    /** What a virtual machine has at hand without loading it from a jar. */
    private static final String AT_HAND = "source: shared objects file";

    /** Whole libraries that no look needs. */
    private static final List<String> LIBRARIES = List.of(
            "ch.qos.logback.",
            "org.slf4j.",
            "com.nimbusds.",
            "com.amazon.corretto.",
            "com.sun.crypto.",
            "sun.security.ssl.",
            "jdk.internal.net.http.",
            "org.springframework.boot.",
            "org.springframework.web.",
            "reactor.",
            "io.netty.",
            "io.lettuce.",
            "tools.jackson.databind.");

    /** Of these three quarters are Jackson's parser, the log's reading, and what of the JDK they use. */
    private static final int MOST = 400;

    /** What all commands load: most are the commands themselves and picocli. */
    private static final int MOST_OF_EVERY_COMMAND = 550;

    @TempDir
    private static Path directory;

    private static Path log;
    private static Set<String> ofEveryCommand;

    @BeforeAll
    static void write() throws Exception {
        log = directory.resolve("log");
        try (GeneratedLog generated = new GeneratedLog(log, 64 << 10)) {
            generated.calls(1_000, Instant.parse("2026-11-24T08:00:00Z"), Duration.ofMillis(1), 1);
        }
        LogIndex index = new LogIndex(log);
        for (Path segment : Segment.list(log)) {
            index.complete(segment);
        }
        ofEveryCommand = loaded("--version");
    }

    /** The classes that the command loads from somewhere else than the virtual machine's own archive. */
    private static Set<String> loaded(String... words) throws Exception {
        Path classes = Files.createTempFile(directory, "classes", ".txt");
        Path said = Files.createTempFile(directory, "said", ".txt");
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xlog:class+load=info:file=" + classes + ":none",
                "-cp",
                System.getProperty("java.class.path"),
                Errand.class.getName()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readAllLines(classes, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> !line.contains(AT_HAND))
                .map(line -> line.split(" ", 2)[0])
                // Those that the virtual machine makes of lambdas have another name in each run.
                .filter(name -> !name.contains("/0x"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> beyondTheOthers(String... words) throws Exception {
        Set<String> loaded = loaded(words);
        loaded.removeAll(ofEveryCommand);
        return loaded;
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain d-500", "task t-7", "task t-7 --json", "prove d-500"})
    void lookingUp_loadsFewClasses(String command) throws Exception {
        Set<String> loaded = beyondTheOthers((command + " --log " + log).split(" "));
        assertThat(loaded).noneMatch(name -> LIBRARIES.stream().anyMatch(name::startsWith));
        assertThat(loaded.size()).as("%s", loaded).isLessThanOrEqualTo(MOST);
    }

    @Test
    void version_loadsNoLibraryOfTheGateway() {
        assertThat(ofEveryCommand)
                .isNotEmpty()
                .noneMatch(name -> LIBRARIES.stream().anyMatch(name::startsWith));
        assertThat(ofEveryCommand.size()).as("%s", ofEveryCommand).isLessThanOrEqualTo(MOST_OF_EVERY_COMMAND);
    }
}
