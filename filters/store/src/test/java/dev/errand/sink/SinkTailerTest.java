package dev.errand.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.Records;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import dev.errand.log.write.LogUpkeep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class SinkTailerTest {
    private static final Duration WAIT = Duration.ofSeconds(10);

    private static final KeyPair KEYS = generate();

    @TempDir
    Path directory;

    private static KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sign(byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(KEYS.getPrivate());
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes records while it is up, at most so many at a time, and remembers them. */
    private static final class Remembering implements Sink {
        final List<String> taken = new CopyOnWriteArrayList<>();
        final List<String> ids = new CopyOnWriteArrayList<>();
        final List<String> threads = new CopyOnWriteArrayList<>();
        volatile boolean up = true;

        @Override
        public void deliver(List<SinkRecord> records) throws SinkUnavailableException {
            threads.add(Thread.currentThread().getName());
            if (!up) {
                throw new SinkUnavailableException("down");
            }
            for (SinkRecord record : records) {
                taken.add(new String(record.line(), StandardCharsets.UTF_8));
                ids.add(record.source() + "#" + record.id());
            }
        }

        @Override
        public void close() {}
    }

    private static LogSettings settings() {
        CheckpointSigner signer = CheckpointSigner.of(KEYS.getPublic(), SinkTailerTest::sign);
        LogSettings base = LogSettings.of(
                LogSettings.Durability.OS,
                "gateway.example.org/provenance",
                () -> signer,
                () -> List.of(signer.publicKey()));
        return new LogSettings(
                base.durability(),
                base.originPrefix(),
                base.signer(),
                base.ours(),
                base.queueCapacity(),
                50_000,
                base.checkpointEvery(),
                base.checkpointRecords(),
                Duration.ofMillis(50),
                Runnable::run,
                base.clock());
    }

    private FileProvenanceLog open() throws Exception {
        return FileProvenanceLog.open(directory, settings());
    }

    private SinkTailer tailer(FileProvenanceLog log, SinkTailer.From from, Sink sink) {
        SinkTailer tailer =
                new SinkTailer("test", from, "https://gateway.example.org/provenance/", log, directory, sink);
        log.onAppend(tailer::wake);
        tailer.start();
        return tailer;
    }

    private static void append(FileProvenanceLog log, int from, int to) {
        for (int i = from; i < to; i++) {
            log.append(Records.permit("d-" + i, "t-1")).block(WAIT);
        }
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void sink_downAtFirst_catchesUpInOrderWithNothingLostOrTwice() throws Exception {
        Remembering sink = new Remembering();
        sink.up = false;
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, sink)) {
            append(log, 0, 700);
            await(() -> tailer.status().failures() > 0);
            assertThat(tailer.status().lag()).isEqualTo(700);
            assertThat(tailer.status().failing()).isEqualTo("down");
            sink.up = true;
            await(() -> tailer.status().lag() == 0);
            append(log, 700, 720);
            await(() -> sink.taken.size() == 720);
            assertThat(tailer.status().failing()).isNull();
        }
        assertThat(sink.taken).isEqualTo(lines());
        assertThat(sink.ids).doesNotHaveDuplicates();
        assertThat(sink.threads).containsOnly("errand-sink-test");
    }

    /** The log is kept no longer for a sink that lags: what it never gets is counted. */
    @Test
    void sink_downWhileRetentionRemoves_countsWhatItNeverGot() throws Exception {
        Remembering sink = new Remembering();
        sink.up = false;
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, sink)) {
            append(log, 0, 700);
            await(() -> tailer.status().failures() > 0);
            Thread.sleep(settings().checkpointEvery().toMillis() + 500);
            try (LogUpkeep upkeep = LogUpkeep.start(directory, log, settings(), Duration.ofMillis(1), null, null)) {
                await(() -> Files.exists(directory.resolve("retained")) && upkeep.fault() == null);
                await(() -> first() > 0);
            }
            long gone = first();
            assertThat(tailer.status().missing()).as("it is not known yet").isZero();
            sink.up = true;
            await(() -> tailer.status().lag() == 0);
            assertThat(tailer.status().missing()).isEqualTo(gone);
            assertThat(sink.taken).isEqualTo(lines()).hasSize(700 - (int) gone);
        }
    }

    private long first() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jsonl"))
                    .mapToLong(name -> Long.parseLong(name.substring(0, name.indexOf('.'))))
                    .min()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void sink_startedAgain_goesOnWhereItStood() throws Exception {
        Remembering first = new Remembering();
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, first)) {
            append(log, 0, 100);
            await(() -> tailer.status().lag() == 0 && first.taken.size() == 100);
        }
        Remembering second = new Remembering();
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, second)) {
            append(log, 100, 200);
            await(() -> second.taken.size() == 100);
            assertThat(tailer.status().delivered()).isEqualTo(100);
        }
        assertThat(second.taken).isEqualTo(lines().subList(100, 200));
    }

    @Test
    void sink_killedWithoutItsPositionSaved_deliversAgainUnderTheSameIds() throws Exception {
        Remembering first = new Remembering();
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, first)) {
            append(log, 0, 300);
            await(() -> tailer.status().lag() == 0);
        }
        // What a kill leaves: the position of some time before.
        Files.delete(directory.resolve("cursors/test.json"));
        Remembering second = new Remembering();
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, second)) {
            await(() -> tailer.status().delivered() == 300);
        }
        assertThat(new LinkedHashSet<>(second.ids)).isEqualTo(new LinkedHashSet<>(first.ids));
        assertThat(second.taken).isEqualTo(lines());
    }

    @Test
    void sink_fromNow_getsWhatComesOnly() throws Exception {
        Remembering sink = new Remembering();
        try (FileProvenanceLog log = open()) {
            append(log, 0, 10);
            try (SinkTailer tailer = tailer(log, SinkTailer.From.NOW, sink)) {
                await(() -> Files.exists(directory.resolve("cursors/test.json")));
                append(log, 10, 15);
                await(() -> sink.taken.size() == 5);
                assertThat(tailer.status().lag()).isZero();
            }
        }
        assertThat(sink.taken).isEqualTo(lines().subList(10, 15));
    }

    @Test
    void sink_thatHangs_holdsUpNoAppend() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        Sink sink = new Sink() {
            @Override
            public void deliver(List<SinkRecord> records) throws InterruptedException {
                hanging.await();
            }

            @Override
            public void close() {}
        };
        try (FileProvenanceLog log = open()) {
            SinkTailer tailer = tailer(log, SinkTailer.From.START, sink);
            append(log, 0, 2000);
            assertThat(tailer.status().lag()).isEqualTo(2000);
            tailer.close();
        }
        assertThat(lines()).hasSize(2000);
    }

    @Test
    void log_replacedByAnother_isDeliveredFromItsBeginning() throws Exception {
        Remembering sink = new Remembering();
        try (FileProvenanceLog log = open();
                SinkTailer tailer = tailer(log, SinkTailer.From.START, sink)) {
            append(log, 0, 5);
            await(() -> sink.taken.size() == 5);
            String before = log.instance().value();
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .filter(file -> !file.equals(directory))
                        .forEach(file -> file.toFile().delete());
            }
            await(() -> log.isWritable() && !log.instance().value().equals(before));
            append(log, 5, 8);
            await(() -> sink.taken.size() == 8);
            assertThat(tailer.status().lag()).isZero();
        }
        assertThat(sink.taken.subList(5, 8)).isEqualTo(lines());
        assertThat(sink.ids).doesNotHaveDuplicates();
    }
}
