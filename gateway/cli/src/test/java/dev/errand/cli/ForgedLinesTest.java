package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.server.ForgedLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sub-agent that wrote what auditors read: no command prints a line of its making. */
class ForgedLinesTest {
    private static final String CONFIG = Checkout.path("config").toString();

    @TempDir
    static Path log;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void write() throws Exception {
        ForgedLog.write(log);
    }

    private void run(String command) {
        String words = command.replace("LOG", log.toString()).replace("CONFIG", CONFIG);
        Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "task t-1 --log LOG",
                "task t-1 --log LOG --json",
                "explain d-1 --log LOG",
                "explain d-2 --log LOG",
                "explain d-2 --log LOG --config CONFIG",
                "audit scopes --log LOG",
                "audit scopes --log LOG --json",
                "replay --log LOG --config CONFIG",
                "replay --log LOG --config CONFIG --json",
                "prove d-1 --log LOG",
            })
    void command_onAForgedLog_printsNoForgedLine(String command) {
        run(command);
        ForgedLog.assertEscaped(out.toString() + err);
        assertThat(err.toString()).doesNotContain("Exception");
    }

    /** The name of the root's holder is no SPIFFE ID, so that no template can be drafted. */
    @ParameterizedTest
    @ValueSource(
            strings = {"audit scopes --log LOG --template release --proposal", "learn --log LOG --template release"})
    void draft_fromAForgedLog_printsNoForgedLine(String command) {
        run(command);
        ForgedLog.assertSafe(out.toString() + err);
    }

    @Test
    void verifyLog_ofAForgedLog_isGood() {
        run("verify-log LOG");
        ForgedLog.assertSafe(out.toString() + err);
        assertThat(out.toString()).startsWith("ok: 6 records");
    }

    @ParameterizedTest
    @ValueSource(strings = {"task t\nFORGED --log LOG", "explain d\nFORGED --log LOG", "prove d\nFORGED --log LOG"})
    void command_ofAForgedId_printsNoForgedLine(String command) {
        run(command);
        ForgedLog.assertEscaped(out.toString() + err);
    }

    @Test
    void task_asText_hasOneLineAHolder() {
        run("task t-1 --log LOG");
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.stream().filter(line -> line.contains("permitted, 0 denied\\u")))
                .isEmpty();
        int holders = lines.indexOf("holders");
        assertThat(lines.get(holders + 1)).startsWith("  spiffe://example.org/a\\u000aFORGED 1\\u000dFORGED 2\\u0085");
        assertThat(lines.get(holders + 2)).startsWith("    spiffe://example.org/b\\u000aFORGED");
        assertThat(lines.get(holders + 3)).startsWith("used calls 1");
        assertThat(lines).anyMatch(line -> line.contains("by the word of the anchor https://as.example.org\\u000a"));
    }

    @Test
    void task_asJson_hasTheVeryValues() throws Exception {
        run("task t-1 --log LOG --json");
        JsonObject story = (JsonObject) Json.parse(out.toString().strip());
        JsonObject root =
                (JsonObject) ((JsonArray) story.get("holders")).values().get(0);
        assertThat(root.string("sub")).startsWith("spiffe://example.org/a\nFORGED 1\rFORGED 2\u0085");
    }
}
