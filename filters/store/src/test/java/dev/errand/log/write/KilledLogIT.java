package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.Records;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.read.LogReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes the log is killed three times; what it had been told is written must be there, once. */
class KilledLogIT {
    @TempDir
    Path temporary;

    @Test
    void kill_threeTimes_keepsEveryAcknowledgedRecordOnceAndVerifies() throws Exception {
        Path log = temporary.resolve("log");
        Path keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        List<String> acknowledged = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            int atLeast = acknowledged.size() + 1_500 + run * 777;
            Process writer = start(log, run);
            try (BufferedReader output = writer.inputReader()) {
                String line;
                while ((line = output.readLine()) != null) {
                    if (line.startsWith("done d-")) {
                        acknowledged.add(line.substring(5));
                    }
                    if (acknowledged.size() == atLeast) {
                        writer.destroyForcibly();
                    }
                }
            } catch (IOException closedByTheKill) {
                assertThat(acknowledged.size()).isGreaterThanOrEqualTo(atLeast);
            }
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(acknowledged.size()).isGreaterThanOrEqualTo(atLeast);
            assertThat(LogVerifier.verify(log, keys, null).faults()).isEmpty();
        }
        FileProvenanceLog.open(log, TestLog.settings(LogSettings.Durability.OS)).close();
        LogVerifier.Report report = LogVerifier.verify(log, keys, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.covered()).isEqualTo(report.records());
        List<String> decisions = new ArrayList<>();
        new LogReader(log)
                .all(entry -> decisions.add(String.valueOf(entry.json().string("decision"))));
        assertThat(decisions).doesNotHaveDuplicates().containsAll(acknowledged);
    }

    private static Process start(Path log, int run) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        log.toString(),
                        "d-" + run + "-",
                        Base64.getEncoder()
                                .encodeToString(TestLog.KEYS.getPublic().getEncoded()),
                        Base64.getEncoder()
                                .encodeToString(TestLog.KEYS.getPrivate().getEncoded()))
                .redirectErrorStream(true)
                .start();
    }

    /** Appends until it is killed, and says what is written. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            CheckpointSigner signer = TestLog.signer(new java.security.KeyPair(
                    java.security.KeyFactory.getInstance("Ed25519")
                            .generatePublic(new java.security.spec.X509EncodedKeySpec(
                                    Base64.getDecoder().decode(arguments[2]))),
                    TestLog.privateKey(arguments[3])));
            LogSettings settings = LogSettings.of(
                    LogSettings.Durability.OS,
                    "gateway.example.org/provenance",
                    () -> signer,
                    () -> java.util.List.of(signer.publicKey()));
            FileProvenanceLog log = FileProvenanceLog.open(Path.of(arguments[0]), settings);
            for (int i = 0; ; i++) {
                String decision = arguments[1] + i;
                log.append(Records.permit(decision, "t-1")).block(Duration.ofSeconds(10));
                System.out.println("done " + decision);
            }
        }
    }
}
