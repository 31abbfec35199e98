package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.write.GeneratedLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands print with {@code --json}: one line, good or not. */
class JsonOutputTest {
    @TempDir
    private Path directory;

    private Path mine;
    private int code;

    @BeforeEach
    void make() {
        mine = directory.resolve("mine");
        assertThat(Errand.commandLine()
                        .setOut(new PrintWriter(new StringWriter()))
                        .execute("init", "--dev", mine.toString()))
                .isZero();
    }

    private JsonValue printed(String... words) throws Exception {
        StringWriter out = new StringWriter();
        code = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(words);
        assertThat(out.toString().lines()).hasSize(1);
        return Json.parse(out.toString().strip());
    }

    private JsonObject object(String... words) throws Exception {
        return (JsonObject) printed(words);
    }

    private static JsonObject first(JsonObject json, String name) {
        return (JsonObject) ((JsonArray) json.get(name)).values().get(0);
    }

    @Test
    void check_saysWhatWouldRun_orEachFaultWithItsPlace() throws Exception {
        JsonObject good = object("check", "--config", mine.toString(), "--json");
        assertThat(code).isZero();
        assertThat(good.get("good")).isEqualTo(new JsonBoolean(true));
        assertThat(good.object("templates").string("triage")).startsWith("sha-256:");
        assertThat(good.get("faults")).isEqualTo(new JsonArray(java.util.List.of()));

        Path template = mine.resolve("tasks/triage.yaml");
        Files.writeString(template, Files.readString(template).replace("lifetime: 15m", "lifetime: soon"));
        JsonObject bad = object("check", "--config", mine.toString(), "--json");
        assertThat(code).isEqualTo(1);
        assertThat(bad.get("good")).isEqualTo(new JsonBoolean(false));
        JsonObject fault = first(bad, "faults");
        assertThat(fault.string("file")).isEqualTo("tasks/triage.yaml");
        assertThat(fault.get("line")).isEqualTo(JsonNumber.of(5));
        assertThat(fault.string("message")).startsWith("expected a duration");
        assertThat(Errand.commandLine()
                        .setErr(new PrintWriter(new StringWriter()))
                        .execute("check", "--config", mine.toString(), "--json", "--dot"))
                .isEqualTo(2);
    }

    @Test
    void check_listsOperations() throws Exception {
        JsonArray operations = (JsonArray) printed("check", "--config", mine.toString(), "--operations", "--json");
        assertThat(operations.values()).hasSize(2);
        JsonObject read = (JsonObject) operations.values().get(1);
        assertThat(read.string("id")).isEqualTo("tickets:ticket.read");
        assertThat(read.string("effect")).isEqualTo("read");
        assertThat(read.string("path")).isEqualTo("/v1/tickets/{id}");
    }

    @Test
    void test_saysWhatDiffers() throws Exception {
        assertThat(object("test", mine.toString(), "--json").get("good")).isEqualTo(new JsonBoolean(true));
        Path scenario = mine.resolve("tests/triage.yaml");
        Files.writeString(
                scenario, Files.readString(scenario).replace("expect: constraint-violated", "expect: permit"));
        JsonObject bad = object("test", mine.toString(), "--json");
        assertThat(code).isEqualTo(1);
        JsonObject played = first(bad, "scenarios");
        assertThat(played.string("file")).isEqualTo("tests/triage.yaml");
        assertThat(first(played, "differences").get("line")).isEqualTo(JsonNumber.of(6));
    }

    @Test
    void verifyLog_saysWhatItFound() throws Exception {
        Path log = directory.resolve("log");
        try (GeneratedLog generated = new GeneratedLog(log, 64 << 10)) {
            generated.calls(10, Instant.parse("2026-11-24T08:00:00Z"), Duration.ofMillis(1), 1);
        }
        JsonObject good = object("verify-log", log.toString(), "--json");
        assertThat(code).isZero();
        assertThat(good.get("good")).isEqualTo(new JsonBoolean(true));
        assertThat(((JsonNumber) good.get("records")).asLong()).isPositive();
        Path segment = log.resolve("0000000000000000.jsonl");
        Files.writeString(segment, Files.readString(segment).replace("permit", "denied"));
        assertThat(object("verify-log", log.toString(), "--json").get("faults"))
                .isNotEqualTo(new JsonArray(java.util.List.of()));
        assertThat(code).isEqualTo(1);
    }
}
