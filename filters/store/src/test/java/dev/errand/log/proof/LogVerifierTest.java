package dev.errand.log.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.errand.Checkout;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.Records;
import dev.errand.log.read.LogReader;
import dev.errand.log.read.Prover;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import dev.errand.log.write.TestLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogVerifierTest {
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final int RECORDS = 300;
    /** About thirty of each kind. */
    private static final int TAMPERINGS = 300;

    private static final Path PYTHON = Checkout.path("verify/verify_log.py");

    @TempDir
    Path temporary;

    private Path log;
    private Path keys;
    private Path seen;

    @BeforeEach
    void write() throws Exception {
        log = temporary.resolve("log");
        keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        seen = temporary.resolve("seen");
        LogSettings settings = TestLog.small(64_000, Duration.ofHours(1), 1000);
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings)) {
            append(open, 0, RECORDS / 2);
        }
        Files.copy(log.resolve("checkpoint"), seen);
        try (FileProvenanceLog open = FileProvenanceLog.open(log, settings)) {
            append(open, RECORDS / 2, RECORDS);
        }
    }

    private static void append(FileProvenanceLog log, int from, int to) {
        for (int i = from; i < to; i++) {
            log.append(Records.permit("d-" + i, "t-" + i % 7)).block(WAIT);
        }
    }

    @Test
    void verify_untampered_isGood() throws Exception {
        LogVerifier.Report report = LogVerifier.verify(log, keys, seen);
        assertThat(report.faults()).isEmpty();
        assertThat(report.records()).isEqualTo(RECORDS);
        assertThat(report.covered()).isEqualTo(RECORDS);
        assertThat(report.signed()).isTrue();
        assertThat(LogVerifier.verify(log, null, null).signed()).isFalse();
        assertThat(Segment.list(log)).hasSizeGreaterThan(2);
    }

    @Test
    void verify_aKeyOfAnotherUse_isNoKeyOfTheLog() throws Exception {
        String said = Files.readString(keys).replace("\"OKP\",", "\"OKP\",\"errand_use\":[\"log\"],");
        Files.writeString(keys, said);
        assertThat(LogVerifier.verify(log, keys, null).signed()).isTrue();
        assertThat(python(List.of(log.toString()))).singleElement().asString().contains(": ok: ");
        for (String other : List.of("[\"issue\",\"txn\",\"message\"]", "\"log\"", "null")) {
            Files.writeString(keys, said.replace("[\"log\"]", other));
            assertThatThrownBy(() -> LogVerifier.verify(log, keys, null))
                    .hasMessageEndingWith(": holds no Ed25519 key (kty OKP, crv Ed25519) of use log");
            assertThat(python(List.of(log.toString())))
                    .singleElement()
                    .asString()
                    .endsWith(": holds no Ed25519 key of use log");
        }
    }

    @Test
    void verify_changedRecord_isNamed() throws Exception {
        Path segment = Segment.list(log).get(1);
        long first = Segment.firstIndex(segment);
        byte[] bytes = Files.readAllBytes(segment);
        String text = new String(bytes, StandardCharsets.UTF_8);
        int at = text.indexOf("\"d-" + (first + 2) + "\"");
        bytes[at + 2] ^= 1;
        Files.write(segment, bytes);
        assertThat(LogVerifier.verify(log, keys, null).faults().get(0))
                .isEqualTo(segment.getFileName() + ":3: record " + (first + 2)
                        + " is not the one that was logged here (changed, dropped, inserted or moved)");
    }

    @Test
    void verify_rolledBackOrAnotherKey_isFound() throws Exception {
        assertThat(LogVerifier.verify(log, Files.writeString(temporary.resolve("other"), otherJwks()), null)
                        .faults())
                .containsExactly("checkpoint: not signed by any of the keys given");
        Files.copy(log.resolve("checkpoint"), temporary.resolve("newer"));
        Files.copy(seen, log.resolve("checkpoint"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(LogVerifier.verify(log, keys, temporary.resolve("newer")).faults())
                .containsExactly(
                        "checkpoint: covers 150 records, one seen earlier covers 300: the log was rolled back");
    }

    /** The first fault that is told after the file has these bytes; the file is as before then. */
    private String fault(String file, byte[] changed) throws Exception {
        Path path = log.resolve(file);
        byte @Nullable [] before = Files.exists(path) ? Files.readAllBytes(path) : null;
        Files.write(path, changed);
        List<String> faults = LogVerifier.verify(log, null, null).faults();
        if (before == null) {
            Files.delete(path);
        } else {
            Files.write(path, before);
        }
        return faults.isEmpty() ? "none" : faults.get(0);
    }

    @Test
    void verify_smallestDamageOfEachKind_isNamed() throws Exception {
        byte[] tile = Files.readAllBytes(log.resolve("tile/0/000"));
        byte[] flipped = tile.clone();
        flipped[0] ^= 1;
        assertThat(fault("tile/0/000", flipped)).endsWith("tile/0/000: hash 0 is not that of the records");
        assertThat(fault("tile/0/000", Arrays.copyOf(tile, tile.length + 1)))
                .isEqualTo("tile/0/000: 8193 bytes, should be 8192");
        assertThat(fault("tile/0/stray", tile)).isEqualTo("tile/0/stray: not a tile's name");
        assertThat(fault("tile/0/002", tile)).isEqualTo("tile/0/002: covers records that are gone");

        Path last = Segment.list(log).get(Segment.list(log).size() - 1);
        String name = last.getFileName().toString();
        List<String> lines = Files.readAllLines(last);
        String kept = String.join("\n", lines.subList(0, lines.size() - 1));
        assertThat(fault(name, (kept.isEmpty() ? "" : kept + "\n").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("record 299 and all behind it: missing; the checkpoint covers 300, the log has 299");
        assertThat(fault(name, (String.join("\n", lines) + " \n").getBytes(StandardCharsets.UTF_8)))
                .endsWith(":" + lines.size() + ": not a record");

        String[] note = Files.readString(log.resolve("checkpoint")).split("\n", -1);
        note[2] = (note[2].charAt(0) == 'A' ? "B" : "A") + note[2].substring(1);
        assertThat(fault("checkpoint", String.join("\n", note).getBytes(StandardCharsets.UTF_8)))
                .startsWith("checkpoint: its root is not that of the first 300 records");
    }

    private static String otherJwks() {
        return TestLog.jwks(TestLog.signer(TestLog.generate()));
    }

    @Test
    void verify_wholeLogRewrittenAndSigned_doesNotExtendTheOneSeen() throws Exception {
        Path rewritten = temporary.resolve("rewritten");
        Files.createDirectories(rewritten);
        Files.copy(log.resolve("instance"), rewritten.resolve("instance"));
        try (FileProvenanceLog open =
                FileProvenanceLog.open(rewritten, TestLog.small(64_000, Duration.ofHours(1), 1000))) {
            append(open, 1, RECORDS + 1);
        }
        assertThat(LogVerifier.verify(rewritten, keys, null).faults()).isEmpty();
        assertThat(LogVerifier.verify(rewritten, keys, seen).faults())
                .containsExactly("checkpoint: the log does not extend the checkpoint seen earlier:"
                        + " one of its first 150 records was changed");
    }

    @Test
    void verify_tamperings_areAllFound_alsoByPython() throws Exception {
        SplittableRandom random = new SplittableRandom(6);
        List<String> forPython = new ArrayList<>();
        for (int round = 0; round < TAMPERINGS; round++) {
            Path copy = temporary.resolve("tampered-" + round);
            TestLog.copy(log, copy);
            String what = tamper(copy, random);
            assertThat(LogVerifier.verify(copy, keys, null).faults())
                    .as("round %d: %s", round, what)
                    .isNotEmpty();
            forPython.add(copy.toString());
        }
        forPython.add(log.toString());
        List<String> output = python(forPython);
        assertThat(output).hasSize(TAMPERINGS + 1);
        assertThat(output.subList(0, TAMPERINGS)).allMatch(line -> line.contains(": fault: "));
        assertThat(output.get(TAMPERINGS)).contains(": ok: 300 records, 300 under the checkpoint");
    }

    @Test
    void prove_everyDecision_isVerifiedByBoth() throws Exception {
        for (int i = 0; i < RECORDS; i += 13) {
            Prover.Proof proof = Prover.prove(log, "d-" + i, Duration.ZERO);
            assertThat(proof.inclusion().index()).isEqualTo(i);
            assertThat(proof.record()).startsWith("{\"kind\":\"decision\",\"decision\":\"d-" + i + "\"");
        }
        Prover.Proof proof = Prover.prove(log, "d-131", Duration.ZERO);
        JsonObject json = Json.parseObject(proof.toText().getBytes(StandardCharsets.UTF_8));
        assertThat(json.members().keySet()).containsExactly("record", "index", "size", "path", "checkpoint");
        Path file = Files.writeString(temporary.resolve("proof.json"), proof.toText());
        assertThat(python(List.of("--proof", file.toString())))
                .singleElement()
                .asString()
                .contains(": ok: record 131 of 300");
        Files.writeString(file, proof.toText().replace("d-131", "d-132"));
        assertThat(python(List.of("--proof", file.toString())))
                .singleElement()
                .asString()
                .contains(": fault: the record does not lead to the checkpoint's root");
    }

    @Test
    void prove_unknownOrNotYetCovered_saysSo() throws Exception {
        assertThatThrownBy(() -> Prover.prove(log, "d-none", Duration.ZERO))
                .isInstanceOf(UnusableLogException.class)
                .hasMessage(log + ": no decision d-none in this log");
        Files.copy(seen, log.resolve("checkpoint"), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Prover.prove(log, "d-200", Duration.ZERO))
                .isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("record 200 is not covered yet: the checkpoint has 150 records");
    }

    @Test
    void task_records_areFoundWithTheirOutcomes() throws Exception {
        try (FileProvenanceLog open = FileProvenanceLog.open(log, TestLog.small(64_000, Duration.ofHours(1), 1000))) {
            open.append(Records.outcome("d-3")).block(WAIT);
            open.append(Records.outcome("d-4")).block(WAIT);
        }
        List<LogReader.Entry> task = new LogReader(log).task("t-3");
        // d-3, d-10, .. d-297 are its 43 decisions; one has an outcome.
        assertThat(task)
                .extracting(LogReader.Entry::index)
                .hasSize(44)
                .startsWith(3L, 10L)
                .endsWith(297L, 300L);
        assertThat(task.get(task.size() - 1).line()).startsWith("{\"kind\":\"outcome\",\"decision\":\"d-3\"");
        assertThat(new LogReader(log).decision("d-3"))
                .extracting(LogReader.Entry::index)
                .containsExactly(3L, 300L);
        assertThat(new LogReader(log).task("t-")).isEmpty();
    }

    @Test
    void decision_thatInterrupted_isNotTakenWithItsEnding() throws Exception {
        try (FileProvenanceLog open = FileProvenanceLog.open(log, TestLog.small(64_000, Duration.ofHours(1), 1000))) {
            open.append(Records.ending("t-3", "d-3")).block(WAIT);
            open.append(Records.outcome("d-3")).block(WAIT);
        }
        assertThat(new LogReader(log).decision("d-3"))
                .extracting(LogReader.Entry::index)
                .containsExactly(3L, 301L);
    }

    @Test
    void logs_ofReplicas_areFoundInTheirFolder(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> LogDirectories.find(folder))
                .isInstanceOf(UnusableLogException.class)
                .hasMessage(folder + ": holds no log: neither *.jsonl files nor directories of them");
        for (String name : List.of("b", "a", "other")) {
            Files.createDirectory(folder.resolve(name));
        }
        Files.createFile(folder.resolve("a/checkpoint"));
        Files.createFile(folder.resolve("b/0000000000000000.jsonl"));
        assertThat(LogDirectories.find(folder)).containsExactly(folder.resolve("a"), folder.resolve("b"));
        assertThat(LogDirectories.find(log)).containsExactly(log);
        assertThatThrownBy(() -> LogDirectories.find(log.resolve("checkpoint")))
                .hasMessageEndingWith(": not a directory");
    }

    @Test
    void python_keysThatAreNone_areToldInOneLine() throws Exception {
        for (String content : List.of("not JSON", "[]", "{\"keys\":[7]}", "{\"keys\":7}")) {
            Files.writeString(keys, content);
            assertThat(python(List.of(log.toString()))).containsExactly(keys + ": not a JWK set");
        }
        Files.delete(keys);
        assertThat(python(List.of(log.toString())))
                .containsExactly(keys + ": cannot be read: No such file or directory");
    }

    private static String tamper(Path log, SplittableRandom random) throws IOException {
        List<Path> segments = Segment.list(log);
        Path segment = segments.get(random.nextInt(segments.size()));
        byte[] bytes = Files.readAllBytes(segment);
        List<String> lines = new ArrayList<>(Files.readAllLines(segment));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(9)) {
            case 0 -> {
                return flip(segment, random);
            }
            case 1 -> {
                List<Path> files;
                try (Stream<Path> found = Files.walk(log)) {
                    files = found.filter(Files::isRegularFile)
                            .filter(file -> file.startsWith(log.resolve("tile")) || file.endsWith("checkpoint"))
                            .sorted()
                            .toList();
                }
                return flip(files.get(random.nextInt(files.size())), random);
            }
            case 2 -> {
                lines.remove(at);
                rewrite(segment, lines);
                return "dropped line " + at + " of " + segment;
            }
            case 3 -> {
                Collections.swap(lines, at, (at + 1 + random.nextInt(lines.size() - 1)) % lines.size());
                rewrite(segment, lines);
                return "swapped line " + at + " of " + segment;
            }
            case 4 -> {
                // Another line: the last one once more would only be a record that the checkpoint does not cover yet.
                lines.add(at, lines.get((at + 1 + random.nextInt(lines.size() - 1)) % lines.size()));
                rewrite(segment, lines);
                return "inserted line " + at + " of " + segment;
            }
            case 5 -> {
                int length = random.nextInt(bytes.length);
                Files.write(segment, Arrays.copyOf(bytes, length));
                return "cut " + segment + " to " + length;
            }
            case 6 -> {
                Files.delete(segment);
                return "deleted " + segment;
            }
            case 7 -> {
                Path needed = log.resolve(List.of("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint")
                        .get(random.nextInt(4)));
                Files.delete(needed);
                return "deleted " + needed;
            }
            default -> {
                Checkpoint real = CheckpointFile.read(log.resolve("checkpoint")).checkpoint();
                byte[] text = new Checkpoint(real.origin(), random.nextLong(1, RECORDS), real.root()).text();
                CheckpointSigner forger = TestLog.signer(TestLog.generate());
                Files.write(
                        log.resolve("checkpoint"),
                        SignedNote.write(
                                text,
                                real.origin(),
                                TestLog.SIGNER.publicKey(),
                                forger.sign().apply(text)));
                return "forged a checkpoint";
            }
        }
    }

    private static String flip(Path file, SplittableRandom random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
        return "flipped a bit of byte " + at + " of " + file;
    }

    private static void rewrite(Path segment, List<String> lines) throws IOException {
        Files.writeString(segment, String.join("\n", lines) + "\n");
    }

    private List<String> python(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", PYTHON.toString(), "--keys", keys.toString()));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            assumeThat(false).as("python3 is not installed").isTrue();
            throw absent;
        }
        List<String> output = process.inputReader().lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
