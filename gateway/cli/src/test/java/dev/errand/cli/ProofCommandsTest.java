package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands about what templates permit: {@code check} with properties, and {@code diff}. */
class ProofCommandsTest {
    private static final String TEMPLATE = """
            template: work
            agents: ["spiffe://dev.invalid/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow: {"tickets:ticket.read": {}, "tickets:ticket.comment": {}}
            on-violation: {sequence: deny, rule: deny, repeated: {denials: 5, within: 60s, then: deny}}
            """;
    private static final String BOUNDED = "rules: [{bounded: \"tickets:ticket.comment\", at-most: %d}]\n";
    private static final String ONE_COMMENT =
            "properties:\n  - {name: one comment, templates: [work], bounded: \"tickets:ticket.comment\", at-most: 1}\n";

    @TempDir
    private Path directory;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private Path first = Path.of("");
    private Path second = Path.of("");

    @BeforeEach
    void configurations() throws IOException {
        first = configuration("first");
        second = configuration("second");
    }

    private Path configuration(String name) throws IOException {
        Path made = directory.resolve(name);
        assertThat(run("init", "--dev", made.toString())).as(err.toString()).isZero();
        work(made, BOUNDED.formatted(1));
        return made;
    }

    private static void work(Path configuration, String more) throws IOException {
        Files.writeString(configuration.resolve("tasks/work.yaml"), TEMPLATE + more);
    }

    private static void properties(Path configuration, String text) throws IOException {
        Files.writeString(
                Files.createDirectories(configuration.resolve("properties")).resolve("work.yaml"), text);
    }

    private int run(String... words) {
        out = new StringWriter();
        err = new StringWriter();
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private int check(String... words) {
        String[] all = new String[words.length + 3];
        all[0] = "check";
        all[1] = "--config";
        all[2] = first.toString();
        System.arraycopy(words, 0, all, 3, words.length);
        return run(all);
    }

    private int diff(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "diff";
        all[1] = first.toString();
        all[2] = second.toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return run(all);
    }

    @Test
    void check_countsWhatHolds() throws IOException {
        properties(first, ONE_COMMENT);
        assertThat(check()).as(err.toString()).isZero();
        assertThat(out.toString()).contains("properties: 1 hold");
    }

    /** The run that breaks a property is told, drawn, and written as a scenario that ends in the same way. */
    @Test
    void check_showsTheShortestRunThatBreaksAProperty() throws IOException {
        properties(first, ONE_COMMENT);
        work(first, "sequence: [\"tickets:ticket.read\", {\"tickets:ticket.comment\": 0..3}]\n");
        Path scenarios = directory.resolve("runs");
        assertThat(check("--scenarios", scenarios.toString())).isEqualTo(1);
        assertThat(err.toString())
                .containsPattern("properties/work.yaml:2:\\d+: 'one comment' does not hold for work: shortest run: "
                        + "1. tickets:ticket.read \\(200\\), 2. tickets:ticket.comment \\(200\\), "
                        + "3. tickets:ticket.comment \\(200\\)");
        try (var files = Files.list(scenarios)) {
            Path scenario = files.findFirst().orElseThrow();
            assertThat(run("test", first.toString(), scenario.toString()))
                    .as(out + "" + err)
                    .isZero();
        }
        assertThat(check("--dot")).isEqualTo(1);
        assertThat(out.toString()).contains("one comment: call 1", "one comment: call 2", "one comment: call 3");
    }

    @Test
    void check_withAFaultyProperty_namesItsPlace() throws IOException {
        properties(first, "properties:\n  - {name: x, templates: [work], bonded: a, at-most: 1}\n");
        assertThat(check()).isEqualTo(1);
        assertThat(err.toString()).contains("properties/work.yaml:2:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "soon", "5"})
    void limit_thatIsNoTime_isAUsageError(String limit) {
        assertThat(check("--limit", limit)).isEqualTo(2);
        assertThat(err.toString()).contains("--limit is a duration such as 30s or 5m, found '" + limit + "'");
        assertThat(diff("--limit", limit)).isEqualTo(2);
        assertThat(err.toString()).contains("--limit is a duration such as 30s or 5m, found '" + limit + "'");
    }

    @Test
    void diff_ofEqualDirectories_isZero() {
        assertThat(diff()).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("B permits nothing new.\n");
    }

    @Test
    void diff_namesWhatIsNew_withItsPlaceAndARun() throws Exception {
        work(second, BOUNDED.formatted(2));
        assertThat(diff()).isEqualTo(3);
        assertThat(out.toString())
                .contains("template work: B permits more\n", "tasks/work.yaml:7:")
                .contains("2. tickets:ticket.comment (200)")
                .endsWith("B permits something new.\n");
        assertThat(diff("--json")).isEqualTo(3);
        JsonObject json = Json.parseObject(out.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(json.get("new")).isEqualTo(new JsonBoolean(true));
        assertThat(diff("--markdown")).isEqualTo(3);
        assertThat(out.toString()).startsWith("### This change permits something new\n");
    }

    @Test
    void diff_ofANarrowerConfiguration_isZero() throws IOException {
        work(first, BOUNDED.formatted(2));
        assertThat(diff("--template", "work")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("template work: B permits less\n").endsWith("B permits nothing new.\n");
    }

    /** A request of an imported operation that gets another name is new where that name is granted. */
    @Test
    void diff_tellsOfImportedRequests_thatHaveAnotherName() throws IOException {
        imported(first, "open", "hidden");
        imported(second, "hidden", "open");
        assertThat(diff("--template", "shop")).as(err.toString()).isEqualTo(3);
        assertThat(out.toString())
                .contains(
                        "  + shop: GET /hidden/x1 is shop:look (read), was shop:hidden (read) (granted by shop)\n",
                        "  ~ shop: GET /open/x1 is shop:open (read), was shop:look (read) (granted by no template)\n");
    }

    private static void imported(Path configuration, String granted, String other) throws IOException {
        String path = "\"/%1$s/{id}\":{\"get\":{\"operationId\":\"%1$s\",\"responses\":{}}}";
        Files.writeString(
                configuration.resolve("operations/shop.json"),
                "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"paths\":{"
                        + path.formatted("open") + "," + path.formatted("hidden") + "}}");
        Files.writeString(
                configuration.resolve("operations/shop.yaml"),
                "catalogue: shop\nresolver: template\nimport: [{openapi: shop.json, rename: {" + granted
                        + ": look}}]\neffects: {look: read, " + other + ": read}\n");
        Files.writeString(
                configuration.resolve("tasks/shop.yaml"),
                TEMPLATE.replace("template: work", "template: shop")
                        .replaceAll("allow: .*", "allow: {\"shop:look\": {}}"));
    }

    @Test
    void diff_saysWhatIsWrong() throws IOException {
        assertThat(diff("--json", "--markdown")).isEqualTo(2);
        assertThat(diff("--template", "other")).isEqualTo(1);
        assertThat(err.toString()).contains("has a template 'other'");
        work(second, "rules: [{bounded: \"tickets:ticket.nothing\", at-most: 1}]\n");
        assertThat(diff()).isEqualTo(1);
        assertThat(err.toString()).contains(second + ": tasks/work.yaml:7:");
        second = directory.resolve("nowhere");
        assertThat(diff()).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(second
                        + " is no directory: name the one that holds application.yaml, operations/ and tasks/\n");
    }
}
