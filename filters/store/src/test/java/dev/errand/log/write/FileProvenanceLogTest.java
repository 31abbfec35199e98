package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.log.Records;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.CheckpointKeys;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.TileTree;
import dev.errand.log.proof.TreeHasher;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileProvenanceLogTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration WAIT = Duration.ofSeconds(10);

    @TempDir
    Path temporary;

    @ParameterizedTest
    @EnumSource
    void append_fromEightThreads_isInTheLogOnce(LogSettings.Durability durability) throws Exception {
        Path directory = temporary.resolve("log");
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.settings(durability))) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 250; i++) {
                        log.append(Records.permit("d-" + thread + "-" + i, "t-1"))
                                .block(WAIT);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        List<String> lines = TestLog.lines(directory);
        assertThat(lines).hasSize(2000).doesNotHaveDuplicates();
        for (int t = 0; t < 8; t++) {
            String prefix = "{\"kind\":\"decision\",\"decision\":\"d-" + t + "-";
            List<String> own = lines.stream().filter(l -> l.startsWith(prefix)).toList();
            for (int i = 0; i < 250; i++) {
                assertThat(own.get(i)).startsWith(prefix + i + "\"");
            }
        }
        assertSealed(directory, lines);
    }

    @Test
    void open_afterClose_goesOnAcrossSegments() throws Exception {
        Path directory = temporary.resolve("log");
        for (int run = 0; run < 5; run++) {
            try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.small(20_000, HOUR, 37))) {
                for (int i = 0; i < 130; i++) {
                    log.append(Records.permit("d-" + run + "-" + i, "t-1")).block(WAIT);
                }
            }
        }
        assertThat(Segment.list(directory)).hasSizeGreaterThan(20);
        assertSealed(directory, TestLog.lines(directory));
        assertThat(directory.resolve("tile/0/001")).hasSize(8192);
        assertThat(directory.resolve("tile/0/001.p")).doesNotExist();
        assertThat(directory.resolve("tile/1/000.p/2")).hasSize(64);
    }

    @Test
    void open_twice_isRefusedAndNamesTheRemedy() throws Exception {
        try (FileProvenanceLog first = FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS))) {
            assertThatThrownBy(() -> FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS)))
                    .isInstanceOf(UnusableLogException.class)
                    .hasMessage(temporary + ": another gateway writes its log here;"
                            + " give each replica a provenance.directory of its own");
            assertThat(first.isWritable()).isTrue();
        }
    }

    /** Whoever removes the lock file lets nobody else write the segment. */
    @Test
    void lockFile_removed_letsNoOtherWriteTheSegment() throws Exception {
        LogSettings settings = TestLog.small(1 << 20, HOUR, 1_000_000);
        try (FileProvenanceLog first = FileProvenanceLog.open(temporary, settings)) {
            first.append(Records.permit("d-0", "t-1")).block(WAIT);
            Files.delete(temporary.resolve("lock"));
            assertThatThrownBy(() -> FileProvenanceLog.open(temporary, settings))
                    .isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("another gateway writes its log here");
            first.append(Records.permit("d-1", "t-1")).block(WAIT);
        }
        assertThat(TestLog.lines(temporary)).hasSize(2);
    }

    /** The lock is another's: the log stops before its next checkpoint, and goes on once the other has let go. */
    @Test
    void lockFile_replacedByOneThatAnotherHolds_stopsTheLog() throws Exception {
        Path directory = temporary.resolve("log");
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.small(1 << 20, HOUR, 1))) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            await(() -> Files.size(directory.resolve("checkpoint")) > 0);
            Files.delete(directory.resolve("lock"));
            String checkpoint;
            try (FileChannel other = FileChannel.open(
                            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = other.lock()) {
                assertThat(held.isValid()).isTrue();
                // The log may have seen it already.
                log.append(Records.permit("d-1", "t-1"))
                        .onErrorComplete(ProvenanceLog.LogUnavailableException.class)
                        .block(WAIT);
                await(() -> !log.isWritable());
                checkpoint = Files.readString(directory.resolve("checkpoint"));
                assertThatThrownBy(() ->
                                log.append(Records.permit("d-lost", "t-1")).block(WAIT))
                        .isInstanceOf(ProvenanceLog.LogUnavailableException.class);
                Thread.sleep(1500);
                assertThat(log.isWritable()).as("it is still another's").isFalse();
                assertThat(Files.readString(directory.resolve("checkpoint"))).isEqualTo(checkpoint);
            }
            await(log::isWritable);
            log.append(Records.permit("d-2", "t-1")).block(WAIT);
        }
        assertThat(TestLog.lines(directory)).hasSizeBetween(2, 3);
        assertSealed(directory, TestLog.lines(directory));
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime() - end).isNegative();
            Thread.sleep(5);
        }
    }

    @Test
    void open_tornAtEveryByteOfTheLastRecord_cutsItAndGoesOn() throws Exception {
        Path whole = temporary.resolve("whole");
        LogSettings settings = TestLog.small(1 << 20, HOUR, 1_000_000);
        try (FileProvenanceLog log = FileProvenanceLog.open(whole, settings)) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            log.append(Records.permit("d-1", "t-1")).block(WAIT);
        }
        // The log of a process that stopped before its next checkpoint: one record more.
        byte[] segment = Files.readAllBytes(whole.resolve(Segment.name(0)));
        byte[] last = Arrays.copyOfRange(segment, segment.length / 2, segment.length);
        assertThat(last[last.length - 1]).isEqualTo((byte) '\n');
        for (int cut = 0; cut <= last.length; cut++) {
            Path directory = temporary.resolve("torn");
            TestLog.copy(whole, directory);
            byte[] torn = Arrays.copyOf(segment, segment.length + cut);
            System.arraycopy(last, 0, torn, segment.length, cut);
            Files.write(directory.resolve(Segment.name(0)), torn);
            LogRecovery.Position position = new LogRecovery(
                            directory,
                            new TileStore(directory),
                            new CheckpointKeys(List.of(TestLog.SIGNER.publicKey())))
                    .recover();
            assertThat(position.tree().size()).isEqualTo(cut == last.length ? 3 : 2);
            assertThat(position.segmentBytes()).isEqualTo(cut == last.length ? torn.length : segment.length);
            if (cut % 50 != 0 && cut != last.length) {
                TestLog.delete(directory);
                continue;
            }
            try (FileProvenanceLog log = FileProvenanceLog.open(directory, settings)) {
                log.append(Records.permit("d-3", "t-1")).block(WAIT);
            }
            List<String> lines = TestLog.lines(directory);
            assertThat(lines).hasSize(cut == last.length ? 4 : 3);
            assertThat(lines.get(lines.size() - 1)).contains("\"d-3\"");
            assertSealed(directory, lines);
            TestLog.delete(directory);
        }
    }

    @Test
    void open_tornWithinWhatTheCheckpointCovers_isRefused() throws Exception {
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS))) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            log.append(Records.permit("d-1", "t-1")).block(WAIT);
        }
        Path segment = temporary.resolve(Segment.name(0));
        byte[] bytes = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatExceptionOfType(UnusableLogException.class)
                .isThrownBy(() -> FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS)))
                .withMessageContaining("the checkpoint covers 2 records, 1 are there");
        bytes[40] ^= 1;
        Files.write(segment, bytes);
        assertThatExceptionOfType(UnusableLogException.class)
                .isThrownBy(() -> FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS)))
                .withMessageContaining(segment + ":1: the log was changed at or before record 0");
    }

    @Test
    void open_rewrittenAndSignedByAnotherKey_isRefused() throws Exception {
        CheckpointSigner forger = TestLog.signer(TestLog.generate());
        LogSettings settings = TestLog.settings(LogSettings.Durability.OS);
        LogSettings forged = LogSettings.of(
                settings.durability(), settings.originPrefix(), () -> forger, () -> List.of(forger.publicKey()));
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, forged)) {
            log.append(Records.outcome("d-0")).block(WAIT);
        }
        assertThatThrownBy(() -> FileProvenanceLog.open(temporary, settings))
                .isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("checkpoint: not signed by any of the keys given")
                .hasMessageContaining("errand.keys");
    }

    @Test
    void open_checkpointTakenAway_isRefused() throws Exception {
        LogSettings settings = TestLog.settings(LogSettings.Durability.OS);
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, settings)) {
            log.append(Records.outcome("d-0")).block(WAIT);
        }
        Files.delete(temporary.resolve("checkpoint"));
        assertThatThrownBy(() -> FileProvenanceLog.open(temporary, settings))
                .isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("there are records, but no checkpoint");
    }

    @Test
    void open_withoutTiles_makesThemAnew() throws Exception {
        LogSettings settings = TestLog.settings(LogSettings.Durability.OS);
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, settings)) {
            for (int i = 0; i < 600; i++) {
                log.append(Records.outcome("d-" + i)).block(WAIT);
            }
        }
        TestLog.delete(temporary.resolve("tile"));
        FileProvenanceLog.open(temporary, settings).close();
        assertThat(temporary.resolve("tile/0/000")).hasSize(8192);
        assertThat(temporary.resolve("tile/0/001")).hasSize(8192);
        assertThat(temporary.resolve("tile/0/002.p/88")).hasSize(88 * 32);
        assertThat(temporary.resolve("tile/1/000.p/2")).hasSize(64);
    }

    @Test
    void append_directoryGone_isRefusedAndRecoversWhenItReturns() throws Exception {
        Path directory = temporary.resolve("log");
        Path away = temporary.resolve("away");
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.small(1 << 20, HOUR, 1000))) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            Files.move(directory, away);
            assertThatThrownBy(() -> log.append(Records.permit("d-lost", "t-1")).block(WAIT))
                    .isInstanceOf(LogUnavailableException.class);
            assertThat(log.isWritable()).isFalse();
            Files.move(away, directory);
            awaitWritable(log);
            log.append(Records.permit("d-1", "t-1")).block(WAIT);
        }
        List<String> lines = TestLog.lines(directory);
        assertThat(lines).hasSize(2);
        assertThat(String.join("", lines)).doesNotContain("d-lost");
        assertSealed(directory, lines);
    }

    @Test
    void append_directoryLost_beginsALogOfAnotherName() throws Exception {
        Path directory = temporary.resolve("log");
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.small(1 << 20, HOUR, 1000))) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            InstanceName before = log.instance();
            TestLog.delete(directory);
            assertThatThrownBy(() -> log.append(Records.permit("d-lost", "t-1")).block(WAIT))
                    .isInstanceOf(LogUnavailableException.class);
            Files.createDirectories(directory);
            awaitWritable(log);
            assertThat(log.instance()).isNotEqualTo(before);
            log.append(Records.permit("d-1", "t-1")).block(WAIT);
        }
        assertSealed(directory, TestLog.lines(directory));
    }

    @Test
    void append_tilesCannotBeWritten_isRefusedAndRecovers() throws Exception {
        try (FileProvenanceLog log =
                FileProvenanceLog.open(temporary, TestLog.small(1 << 20, Duration.ofMillis(20), 10))) {
            log.append(Records.permit("d-0", "t-1")).block(WAIT);
            Thread.sleep(100);
            TestLog.delete(temporary.resolve("tile"));
            Files.writeString(temporary.resolve("tile"), "in the way");
            long until = System.nanoTime() + WAIT.toNanos();
            int written = 1;
            while (log.isWritable() && System.nanoTime() < until) {
                try {
                    log.append(Records.permit("d-" + written, "t-1")).block(WAIT);
                    written++;
                } catch (LogUnavailableException refused) {
                    break;
                }
            }
            assertThatThrownBy(() -> log.append(Records.permit("d-lost", "t-1")).block(WAIT))
                    .isInstanceOf(LogUnavailableException.class);
            Files.delete(temporary.resolve("tile"));
            awaitWritable(log);
            log.append(Records.permit("d-" + written, "t-1")).block(WAIT);
            assertThat(TestLog.lines(temporary)).hasSize(written + 1);
        }
        assertSealed(temporary, TestLog.lines(temporary));
    }

    @Test
    void append_moreThanMayWait_isRefusedNotBlocked() throws Exception {
        LogSettings base = TestLog.settings(LogSettings.Durability.OS);
        LogSettings settings = new LogSettings(
                base.durability(),
                base.originPrefix(),
                base.signer(),
                base.ours(),
                4,
                base.segmentBytes(),
                base.checkpointEvery(),
                base.checkpointRecords(),
                base.retry(),
                Runnable::run,
                base.clock());
        try (FileProvenanceLog log = FileProvenanceLog.open(temporary, settings)) {
            var gate = new java.util.concurrent.CountDownLatch(1);
            var refused = new HashSet<Integer>();
            log.append(Records.outcome("first")).doOnSuccess(done -> hold(gate)).subscribe();
            Thread.sleep(50);
            for (int i = 0; i < 10; i++) {
                int place = i;
                log.append(Records.outcome("d-" + i)).subscribe(v -> {}, e -> refused.add(place));
            }
            assertThat(refused).hasSize(6);
            gate.countDown();
        }
        assertThat(TestLog.lines(temporary)).hasSize(5);
    }

    @Test
    void append_afterClose_isRefused() throws Exception {
        FileProvenanceLog log = FileProvenanceLog.open(temporary, TestLog.settings(LogSettings.Durability.OS));
        log.close();
        assertThatThrownBy(() -> log.append(Records.outcome("d-0")).block(WAIT))
                .isInstanceOf(LogUnavailableException.class)
                .hasMessage("the provenance log is closed");
    }

    private static void hold(java.util.concurrent.CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitWritable(FileProvenanceLog log) throws InterruptedException {
        long until = System.nanoTime() + WAIT.toNanos();
        while (!log.isWritable() && System.nanoTime() < until) {
            Thread.sleep(5);
        }
        assertThat(log.isWritable()).isTrue();
    }

    /** The checkpoint covers exactly these lines. */
    static void assertSealed(Path directory, List<String> lines) throws IOException {
        TileTree tree = new TileTree();
        TreeHasher hasher = new TreeHasher();
        for (String line : lines) {
            tree.add(hasher.leaf(line.getBytes(StandardCharsets.UTF_8)), (tile, hashes) -> {});
        }
        CheckpointFile file = CheckpointFile.readIfPresent(directory).orElseThrow();
        assertThat(file.checkpoint().size()).isEqualTo(lines.size());
        assertThat(file.checkpoint().rootHash()).isEqualTo(tree.root());
        assertThat(new TileStore(directory).tree(lines.size()).root()).isEqualTo(tree.root());
    }
}
