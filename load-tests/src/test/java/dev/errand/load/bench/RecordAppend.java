package dev.errand.load.bench;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.Records;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** A record appended to the log, 64 callers waiting at a time as under load: encoded, hashed, written in groups. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class RecordAppend {
    private static final int CALLERS = 64;

    @Param({"OS", "DISK"})
    LogSettings.Durability durability = LogSettings.Durability.OS;

    private final ProvenanceRecord record = Records.permit("d-0123456789abcdef", "t-1234567890123456789012");
    private Path directory = Path.of("");
    private FileProvenanceLog log;

    @Setup
    public void open() throws IOException, GeneralSecurityException {
        directory = Files.createTempDirectory("provenance");
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        CheckpointSigner signer = CheckpointSigner.of(keys.getPublic(), text -> sign(keys, text));
        log = FileProvenanceLog.open(
                directory,
                LogSettings.of(
                        durability, "gateway.example.org/provenance", () -> signer, () -> List.of(signer.publicKey())));
    }

    private static byte[] sign(KeyPair keys, byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(keys.getPrivate());
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @TearDown
    public void close() throws IOException {
        log.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Benchmark
    @OperationsPerInvocation(CALLERS)
    public void append() {
        Flux.range(0, CALLERS).flatMap(i -> log.append(record), CALLERS).blockLast();
    }
}
