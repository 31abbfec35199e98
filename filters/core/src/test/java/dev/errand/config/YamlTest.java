package dev.errand.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Durations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {
    private final Faults faults = new Faults();

    private YamlMap map(String text) {
        YamlNode node = Yaml.parse("a.yaml", text, faults);
        return Objects.requireNonNull(
                Objects.requireNonNull(node, faults::toString).map(faults));
    }

    private String faultOf(String text) {
        assertThat(Yaml.parse("a.yaml", text, faults)).isNull();
        return faults.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "true, BOOLEAN",
        "false, BOOLEAN",
        "null, NULL",
        "'', NULL",
        "1, NUMBER",
        "-0.5e+3, NUMBER",
        "True, STRING",
        "yes, STRING",
        "on, STRING",
        "~, STRING",
        "0x1f, STRING",
        "0o7, STRING",
        "01, STRING",
        ".5, STRING",
        "1., STRING",
        "+1, STRING",
        ".inf, STRING",
        "1_000, STRING",
        "2026-11-24, STRING",
        "1..3, STRING",
        "1e, STRING"
    })
    void type_ofPlainScalar_isOfTheCoreSchemaOnly(String text, YamlScalar.Type type) {
        assertThat(Yaml.type(text)).isEqualTo(type);
    }

    @Test
    void parse_keepsPositionsAndOrder() {
        YamlMap map = map("b: 1\na:\n  - x\n  - {y: \"2\"}\n");
        assertThat(map.members().keySet()).containsExactly("b", "a");
        assertThat(map.at("a")).hasToString("a.yaml:2:1");
        YamlList list = (YamlList) Objects.requireNonNull(map.optional("a"));
        assertThat(list.items().get(1).at()).hasToString("a.yaml:4:5");
    }

    @Test
    void parse_whatItRefuses_saysWhereAndWhy() {
        Map<String, String> refused = Map.ofEntries(
                Map.entry("a: &x 1", "a.yaml:1:4: anchors (&) are not allowed: write the value where it is used"),
                Map.entry("a: *x", "a.yaml:1:4: aliases (*) are not allowed: write the value again"),
                Map.entry("a: !!str 1", "a.yaml:1:4: tags (!) are not allowed: quote the value to make it a string"),
                Map.entry("a: !x {}", "a.yaml:1:4: tags (!) are not allowed: quote the value to make it a string"),
                Map.entry("<<: {a: 1}", "a.yaml:1:1: merges (<<) are not allowed: write the keys out"),
                Map.entry("a: 1\nb: 2\na: 3", "a.yaml:3:1: duplicate key 'a'"),
                Map.entry("? [a]\n: 1", "a.yaml:1:3: a key must be a string, found a list"),
                Map.entry("", "a.yaml:1:1: empty: expected one document"),
                Map.entry("a: 1\n---\nb: 1", "a.yaml:2:1: a second document: one file holds one"));
        refused.forEach((text, message) -> {
            YamlTest fresh = new YamlTest();
            assertThat(fresh.faultOf(text)).as(text).isEqualTo(message);
        });
    }

    @Test
    void parse_syntaxError_isAFaultWithItsPlace() {
        assertThat(faultOf("a: [1\nb: 2")).startsWith("a.yaml:2:").contains("not YAML: ");
    }

    @Test
    void parse_tooDeepOrTooLargeOrNotUtf8_isRefused() {
        assertThat(faultOf("[".repeat(65) + "]".repeat(65))).isEqualTo("a.yaml:1:65: nested deeper than 64");
        Faults others = new Faults();
        assertThat(Yaml.parse("b", new byte[11], 10, others)).isNull();
        assertThat(Yaml.parse("b", new byte[] {(byte) 0xc0, (byte) 0x80}, 10, others))
                .isNull();
        assertThat(Yaml.parse("b", "a: \u0001".getBytes(StandardCharsets.UTF_8), 10, others))
                .isNull();
        assertThat(others.list())
                .extracting(Fault::message)
                .startsWith("larger than 10 bytes", "not UTF-8")
                .hasSize(3);
    }

    @Test
    void parse_64Deep_isRead() {
        assertThat(Yaml.parse("a", "[".repeat(64) + "]".repeat(64), faults)).isNotNull();
    }

    @Test
    void readers_ofTheRightKind_giveTheValue() {
        YamlMap map = map("s: text\nn: 12\nb: true\nd: 15m\nl: [a, b]\none: a\n");
        assertThat(map.requiredString("s", faults)).isEqualTo("text");
        assertThat(map.integer("n", 0, 1, 20, faults)).isEqualTo(12);
        assertThat(map.bool("b", false, faults)).isTrue();
        assertThat(map.duration("d", Duration.ZERO, Duration.ZERO, Duration.ofHours(1), faults))
                .hasMinutes(15);
        assertThat(map.strings("l", faults)).containsExactly("a", "b");
        assertThat(map.strings("one", faults)).containsExactly("a");
        assertThat(map.strings("none", faults)).isEqualTo(List.of());
        assertThat(faults.isEmpty()).isTrue();
    }

    @Test
    void readers_ofTheWrongKind_noteEveryFault() {
        YamlMap map = map("s: 1\nn: 1.5\nb: yes\nd: 10\nl: [a, {service}]\ne: 1e3\n");
        map.requiredString("s", faults);
        map.requiredString("missing", faults);
        map.integer("n", 0, 1, 20, faults);
        map.bool("b", false, faults);
        map.duration("d", Duration.ZERO, Duration.ofSeconds(1), Duration.ofDays(1), faults);
        map.strings("l", faults);
        assertThat(map.integer("e", 0, 1, 2000, faults)).isEqualTo(1000);
        assertThat(faults.toString().lines())
                .containsExactly(
                        "a.yaml:1:4: expected a string, found the number 1; quote it",
                        "a.yaml:1:1: missing key 'missing'",
                        "a.yaml:2:4: expected an integer 1..20, found the number 1.5",
                        "a.yaml:3:4: expected true or false, found 'yes'",
                        "a.yaml:4:4: expected a duration 1s..1d such as 10s, 15m or 1h, found the number 10",
                        "a.yaml:5:8: expected a string, found a mapping; quote a string that begins with {");
    }

    @Test
    void unknownKeys_areFaultsWithTheNearestKnown() {
        map("efect: read\nzzzzzzz: 1\n").unknownKeys(faults, "effect", "match");
        assertThat(faults.toString().lines())
                .containsExactly(
                        "a.yaml:1:1: unknown key 'efect'; did you mean 'effect'?",
                        "a.yaml:2:1: unknown key 'zzzzzzz'; known are effect, match");
    }

    @ParameterizedTest
    @CsvSource({"0s,0", "50ms,50", "10s,10000", "15m,900000", "1h,3600000", "7d,604800000"})
    void durations_parse(String text, long millis) {
        assertThat(Durations.parse(text)).hasMillis(millis);
    }

    @ParameterizedTest
    @CsvSource({"10", "s", "01s", "1.5s", "-1s", "1 s", "1w", "999999999999d", "9999999999999ms"})
    void durations_other_areNone(String text) {
        assertThat(Durations.parse(text)).isNull();
    }
}
