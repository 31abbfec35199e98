package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ProvenanceConfiguration.ConfiguredLog;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code errand log adopt}, by the key of a configuration. */
class LogAdoptCommandTest {
    private static final int RECORDS = 400;

    @TempDir
    Path folder;

    private Path config;
    private Path log;

    private record Run(int code, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }

    @BeforeEach
    void write() throws Exception {
        config = folder.resolve("config");
        assertThat(run("init", "--dev", config.toString()).code).isZero();
        Files.createDirectories(config.resolve("data"));
        Run keys = run("keys", "new", config.resolve("data/keys.jwks").toString());
        assertThat(keys.code).as(keys.err).isZero();
        ConfiguredLog configured = ConfiguredLog.of(config);
        log = configured.directory();
        LogSettings settings = configured.settings();
        LogSettings small = new LogSettings(
                settings.durability(),
                settings.originPrefix(),
                settings.signer(),
                settings.ours(),
                settings.queueCapacity(),
                4_000,
                Duration.ofMillis(20),
                50,
                settings.retry(),
                settings.completions(),
                settings.clock());
        try (FileProvenanceLog open = FileProvenanceLog.open(log, small)) {
            for (int i = 0; i < RECORDS; i++) {
                open.append(new ProvenanceRecord.Refused(Instant.now(), "vault", "invalid-token", i))
                        .block(Duration.ofSeconds(10));
            }
        }
    }

    @Test
    void adopt_afterTheOldestSegmentWasRemoved_letsTheLogBeVerified() throws Exception {
        assertThat(run("log", "adopt", "--config", config.toString()).err)
                .contains("nothing is missing, or all that is missing is stated already");
        Files.delete(log.resolve("0000000000000000.jsonl"));
        assertThat(run("verify-log", log.toString()).code).isEqualTo(1);
        Run adopted = run("log", "adopt", "--config", config.toString());
        assertThat(adopted.code).as(adopted.err).isZero();
        assertThat(adopted.out).startsWith("adopted: ").contains(" are missing, as the note 'retained' states now");
        Run verified = run("verify-log", log.toString());
        assertThat(verified.code).as(verified.err).isZero();
        assertThat(verified.out)
                .containsPattern("ok: [0-9]+ records, " + RECORDS + " under the checkpoint of ")
                .containsPattern("from: record [1-9][0-9]*: the [1-9][0-9]* records before it were removed");
        Run again = run("log", "adopt", log.toString(), "--config", config.toString());
        assertThat(again.code).isEqualTo(1);
    }

    @Test
    void adopt_withoutAConfiguration_saysWhatIsMissing() {
        assertThat(run("log", "adopt").code).isEqualTo(2);
        Run none = run("log", "adopt", "--config", folder.toString());
        assertThat(none.code).isEqualTo(1);
        assertThat(none.err).contains("application.yaml does not exist");
        assertThat(run("log").out).contains("Usage: errand log");
    }
}
