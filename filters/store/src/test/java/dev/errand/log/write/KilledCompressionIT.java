package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Segment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A process compresses a segment, and is killed before each of the calls that change the disk, or has no more space from each
 * write on. A library in C that is loaded before the system's finds these calls.
 */
@Execution(ExecutionMode.CONCURRENT)
class KilledCompressionIT {
    private static final Instant BEGIN = Instant.parse("2026-11-01T08:00:00Z");
    private static final int ROUNDS = 4;
    private static final int MOST_CALLS = 60;

    @TempDir
    Path temporary;

    private Path log;
    private Path keys;
    private Path fault;
    private List<String> lines;

    @BeforeEach
    void write() throws Exception {
        fault = temporary.resolve("fault.so");
        Path source = temporary.resolve("fault.c");
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("fault.c"))) {
            Files.copy(in, source);
        }
        assumeTrue(isCompiled(source), "needs a C compiler, and Linux");
        log = temporary.resolve("log");
        keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        try (GeneratedLog written = new GeneratedLog(log, 400_000)) {
            written.calls(500, BEGIN, Duration.ofSeconds(10), 3);
        }
        assertThat(Segment.list(log)).hasSize(2);
        lines = TestLog.lines(log);
    }

    private boolean isCompiled(Path source) throws Exception {
        try {
            return new ProcessBuilder("cc", "-shared", "-fPIC", "-o", fault.toString(), source.toString(), "-ldl")
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        }
    }

    @Test
    void killed_beforeAnyCallThatChangesTheDisk_losesNothing_andTheNextProcessCompletesIt() throws Exception {
        List<List<String>> left = new ArrayList<>();
        int call = 1;
        for (; call < MOST_CALLS; call++) {
            Path copy = copy("kill-" + call);
            Process process = start(copy, "kill", call);
            process.getInputStream().readAllBytes();
            int end = process.waitFor();
            assertWhole(copy);
            left.add(names(copy));
            if (end == 0) {
                break;
            }
            assertThat(end).as("call %d", call).isEqualTo(137);
            assertCompleted(copy);
        }
        assertThat(left).hasSize(call);
        assertThat(call).isGreaterThan(12);
        // It was killed in each state of the directory.
        String text = Segment.name(0);
        assertThat(left)
                .anyMatch(names -> names.equals(List.of(text, text + ".gz.tmp")))
                .anyMatch(names -> names.equals(List.of(text, text + ".gz.idx.tmp", text + ".gz.tmp")))
                .anyMatch(names -> names.equals(List.of(text, text + ".gz.idx", text + ".gz.tmp")))
                .anyMatch(names -> names.equals(List.of(text, text + ".gz", text + ".gz.idx")))
                .anyMatch(names -> names.equals(List.of(text + ".gz", text + ".gz.idx")));
    }

    @Test
    void aDiskThatIsFullFromAnyWriteOn_leavesTheLog_andNoHalfFile() throws Exception {
        int write = 1;
        for (; write < MOST_CALLS; write++) {
            Path copy = copy("full-" + write);
            Process process = start(copy, "full", write);
            String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isZero();
            assertWhole(copy);
            if (told.isEmpty()) {
                break;
            }
            assertThat(told).contains("No space left on device");
            assertThat(names(copy)).containsExactly(Segment.name(0));
            assertCompleted(copy);
        }
        assertThat(write).isBetween(6, MOST_CALLS - 1);
    }

    private Path copy(String name) throws IOException {
        Path copy = temporary.resolve(name);
        TestLog.copy(log, copy);
        return copy;
    }

    private Process start(Path directory, String kind, int at) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Compressing.class.getName(),
                directory.toString());
        builder.environment().put("LD_PRELOAD", fault.toString());
        builder.environment().put("FAULT", kind);
        builder.environment().put("FAULT_AT", String.valueOf(at));
        builder.environment().put("FAULT_BELOW", directory.toString());
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(Segment.name(0)))
                    .sorted()
                    .toList();
        }
    }

    private void assertWhole(Path directory) throws Exception {
        assertThat(TestLog.lines(directory)).isEqualTo(lines);
        LogVerifier.Report report = LogVerifier.verify(directory, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.covered()).isEqualTo(lines.size());
    }

    private void assertCompleted(Path directory) throws Exception {
        Compressing.run(directory);
        assertThat(names(directory)).containsExactly(Segment.name(0) + ".gz", Segment.name(0) + ".gz.idx");
        assertWhole(directory);
    }

    /** Compresses what is due, and prints what failed. */
    static final class Compressing {
        private Compressing() {}

        public static void main(String[] arguments) throws Exception {
            run(Path.of(arguments[0])).forEach(System.out::println);
        }

        static List<String> run(Path directory) {
            Clock later = Clock.fixed(BEGIN.plus(Duration.ofDays(9)), ZoneOffset.UTC);
            SegmentCompressor compressor = new SegmentCompressor(directory, Duration.ofDays(1), later, Duration.ZERO);
            List<String> faults = new ArrayList<>();
            CountDownLatch open = new CountDownLatch(1);
            for (int i = 0; i < ROUNDS; i++) {
                String failed = compressor.round(open);
                if (failed != null) {
                    faults.add(failed);
                }
            }
            return faults;
        }
    }
}
