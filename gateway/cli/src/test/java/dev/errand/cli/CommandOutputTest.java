package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogIndex;
import dev.errand.log.write.GeneratedLog;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answer of a command has no log line in it. */
class CommandOutputTest {
    /** Where the entries of an index begin, at the latest. */
    private static final int ENTRIES = 2_200;

    @TempDir
    private Path directory;

    private Path logWithADamagedIndex() throws IOException {
        Path log = directory.resolve("log");
        try (GeneratedLog generated = new GeneratedLog(log, 64 << 10)) {
            generated.calls(1_000, Instant.parse("2026-11-24T08:00:00Z"), Duration.ofMillis(1), 1);
        }
        LogIndex index = new LogIndex(log);
        for (Path segment : Segment.list(log)) {
            index.complete(segment);
            byte[] bytes = Files.readAllBytes(index.file(segment));
            assertThat(bytes).hasSizeGreaterThan(ENTRIES);
            Arrays.fill(bytes, ENTRIES, bytes.length, (byte) 0);
            Files.write(index.file(segment), bytes);
        }
        return log;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "check --version", "token start --version"})
    void version_isPrintedByEachCommand(String words) {
        StringWriter out = new StringWriter();
        assertThat(Errand.commandLine().setOut(new PrintWriter(out)).execute(words.split(" ")))
                .isZero();
        assertThat(out.toString()).matches("errand \\S+\\R");
    }

    @Test
    void logLine_goesToStandardError_andTheAnswerIsJsonAlone() throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Errand.class.getName(),
                        "task",
                        "t-7",
                        "--json",
                        "--log",
                        logWithADamagedIndex().toString()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        assertThat(Files.readString(err)).contains("WARN", "damaged; the log itself is read");
        assertThat(Json.parseObject(Files.readAllBytes(out)).members()).isNotEmpty();
    }
}
