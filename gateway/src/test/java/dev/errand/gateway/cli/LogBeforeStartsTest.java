package dev.errand.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log that the build before wrote: no starts, no {@code rule}, endings of the kind {@code ending}. Every command still reads it. */
class LogBeforeStartsTest {
    private static final Path LOG = Path.of("src/test/resources/logs/before-starts");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String command) {
        String words = command.replace("LOG", LOG.toString())
                .replace("CONFIG", Path.of("..", "config").toString());
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "verify-log LOG                                        | ok: 13 records",
                "prove d-3 --log LOG                                   | \"record\":",
                "explain d-3 --log LOG                                 | denied: sequence-violation (sequence)",
                "explain d-1 --log LOG --config CONFIG                 | permitted at 2026-11-20T10:00:00.000Z",
                "task t-2 --log LOG                                    | state completed",
                "task t-1 --log LOG --json                             | \"endings\":[{",
                "audit scopes --log LOG --config CONFIG                | unnamed below spiffe://example.org/agent/release-bot",
                "learn --log LOG --template release --config CONFIG    | drafted from the 1 permitted call of 1 good run",
                "replay --log LOG --config CONFIG                      | 5 decisions, 0 differ",
            })
    void command_readsIt(String command, String shown) {
        int code = run(command);
        assertThat(out + err.toString()).contains(shown).doesNotContain("Exception");
        assertThat(code).as(out + err.toString()).isZero();
    }

    @Test
    void task_tellsWhoEndedItByTodaysWords() throws IOException {
        assertThat(run("task t-1 --log LOG")).isZero();
        assertThat(out.toString())
                .contains(
                        "token interrupted at 2026-11-20T10:00:01.250Z by policy, decision d-3: ",
                        "task interrupted at 2026-11-20T10:00:01.750Z by operator:operator: suspected leak");
    }
}
