package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.TokenBucket;
import dev.errand.task.TaskPolicy;
import dev.errand.token.SpiffeId;
import dev.errand.token.TaskBounds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final TemplateParser PARSER = new TemplateParser();

    private static Template parse(String text) {
        Faults faults = new Faults();
        return PARSER.parse("t.yaml", text, TemplateFixtures.OPERATIONS, faults)
                .orElseThrow(() -> new AssertionError(faults.toString()));
    }

    @Test
    void parse_everyKey_isKept() {
        Template template = parse(TemplateFixtures.GOOD);

        assertThat(template.name()).isEqualTo("release");
        assertThat(template.lifetime()).isEqualTo(Duration.ofMinutes(15));
        assertThat(template.delegation()).isEqualTo(new DelegationLimits(2, 8L));
        assertThat(template.streams()).isEqualTo(new StreamLimits(2, Duration.ofMinutes(5)));
        assertThat(template.admission().starts().active()).isEqualTo(4);
        assertThat(template.admission().instruction()).isEqualTo(new InstructionPolicy(true, false));
        TaskPolicy policy = template.policy(false);
        assertThat(policy.observe()).isFalse();
        assertThat(policy.cut()).isEqualTo(TaskPolicy.Cut.TASK);
        assertThat(policy.flow()).isEqualTo(TaskPolicy.Flow.OBSERVE);
        assertThat(policy.reactions().sequence()).isEqualTo(TaskPolicy.Reaction.DENY);
        assertThat(policy.reactions().repeated()).isEqualTo(new TaskPolicy.Repeated(3, 30_000));
        assertThat(policy.limits())
                .isEqualTo(TokenBucket.compile(template.limits().task()))
                .hasSize(2);
        assertThat(policy.operationLimits())
                .isEqualTo(Map.of(
                        "vault:kv.read",
                        TokenBucket.compile(template.limits().operations().get("vault:kv.read"))));
        assertThat(template.policy(true).observe()).isTrue();
    }

    /** One decision, which `check` and the page where a human agrees both tell. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``                                                                                                    | []
        `sequence: [ci:pipeline.get]`                                                                         | [SEQUENCE]
        `on-violation: {sequence: interrupt, flow: interrupt, limit: interrupt}`                              | []
        `rules: [{bounded: ci:pipeline.get, at-most: 3}]`                                                     | [RULE]
        `rules: [{bounded: ci:pipeline.get, at-most: 3, observe: true}]`                                      | []
        `rules: [{bounded: ci:pipeline.get, at-most: 3, on-violation: deny}]`                                 | []
        `rules: [{bounded: ci:pipeline.get, at-most: 3, on-violation: interrupt}]\non-violation: {rule: deny}` | [RULE]
        `flow: enforce\non-violation: {flow: interrupt}`                                                      | [FLOW]
        `flow: observe\non-violation: {flow: interrupt}`                                                      | []
        `limits: {calls: 3}\non-violation: {limit: interrupt}`                                                | [LIMIT]
        `limits: {task: [{capacity: 4, per: 10s, observe: true}]}\non-violation: {limit: interrupt}`          | []
        `limits: {operations: {ci:pipeline.get: [{capacity: 4, per: 10s}]}}\non-violation: {limit: interrupt}` | [LIMIT]
        `on-violation: {not-granted: interrupt}`                                                              | [NOT_GRANTED]
        `ask: {by: {issuer: "https://idp.example.org", clients: [pages]}, refused: interrupt}\non-violation: {rule: ask}`        | [APPROVAL_REFUSED]
        """)
    void ending_isWhatACallCanMeet(String more, String ending) {
        String text = """
                template: small
                agents: spiffe://example.org/agent/a
                humans: {issuer: "https://idp.example.org"}
                allow: {ci:pipeline.get: {}}
                """;
        Template template = parse(text + more.replace("\\n", "\n") + "\n");

        assertThat(template.enforced().ending(false)).hasToString(ending);
        assertThat(template.enforced().ending(true).contains(TaskPolicy.Violation.LIMIT))
                .isEqualTo(more.contains("limit: interrupt"));
    }

    @Test
    void parse_onlyRequiredKeys_hasTheDefaults() {
        Template template = parse("""
                template: small
                agents: spiffe://example.org/agent/a
                humans: {issuer: "https://idp.example.org"}
                allow: {ci:pipeline.get: {}}
                """);

        assertThat(template.delegation()).isEqualTo(DelegationLimits.NONE);
        assertThat(template.streams()).isEqualTo(StreamLimits.DEFAULT);
        assertThat(template.policy(false).reactions()).isEqualTo(TaskPolicy.Reactions.DEFAULT);
        assertThat(template.policy(false).cut()).isEqualTo(TaskPolicy.Cut.SUBTREE);
        assertThat(template.policy(false).flow()).isEqualTo(TaskPolicy.Flow.OFF);
        assertThat(template.bounds().calls()).isNull();
    }

    @Test
    void bounds_observedLimits_bindNoToken() {
        assertThat(parse(TemplateFixtures.GOOD).bounds().limits()).containsExactly(new TaskBounds.Limit(40, 10));
    }

    @Test
    void tools_parameterWithBraces_isReplacedOnce() throws Exception {
        Template template =
                parse(TemplateFixtures.with("parameters", "parameters: {service: \".*\", other: \"[a-z]+\"}"));

        JsonObject tools = template.tools(TemplateFixtures.texts(Map.of("service", "{other}", "other", "x")));

        assertThat(Jcs.canonical(tools.object("ci:pipeline.trigger")))
                .isEqualTo("{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"{other}\"}}");
    }

    @Test
    void tools_shorthands_areAatConstraints() throws Exception {
        Template template = parse(TemplateFixtures.with(
                "  ci:pipeline.get",
                "  ci:pipeline.get: {a: {one_of: [1, x, true, [sh, -c]]}, b: {range: {min: 1, min_inclusive: false}, optional: true},"
                        + " c: {all: [{not_one_of: [z]}, {any: [{exact: y}, {wildcard: true}]}]}, d: {contains: [q]},"
                        + " e: {subset: [\"{service}\"]}, \"*\": {wildcard: true}}"));

        assertThat(template.tools(TemplateFixtures.texts(Map.of("service", "pay")))
                        .get("ci:pipeline.get"))
                .isEqualTo(Json.parse("""
                        {"a":{"constraint_type":"one_of","values":[1,"x",true,["sh","-c"]]},
                         "b":{"constraint_type":"range","min":1,"min_inclusive":false,"optional":true},
                         "c":{"constraint_type":"all","constraints":[{"constraint_type":"not_one_of","excluded":["z"]},
                           {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":"y"},{"constraint_type":"wildcard"}]}]},
                         "d":{"constraint_type":"contains","required":["q"]},
                         "e":{"constraint_type":"subset","allowed":["pay"]},
                         "*":{"constraint_type":"wildcard"}}"""));
    }

    @Test
    void tools_effects_spreadOverReviewedOperations() {
        Template template = parse(TemplateFixtures.with(
                "  ci:pipeline.get", "  \"vault:*\": {effects: [read, list, admin], resource: {exact: a}}"));

        JsonObject tools = template.tools(TemplateFixtures.texts(Map.of("service", "pay")));

        assertThat(tools.members()).containsOnlyKeys("vault:kv.read", "vault:kv.list", "ci:pipeline.trigger");
        assertThat(Jcs.canonical(tools.object("vault:kv.read")))
                .as("what is written for one operation stands before what is written for all")
                .contains("path_containment");
    }

    @Test
    void revision_isTheDigestOfTheText() {
        String other = TemplateFixtures.with("cut", "cut: subtree");

        assertThat(parse(TemplateFixtures.GOOD).revision())
                .matches("sha-256:[A-Za-z0-9_-]{43}")
                .isEqualTo(parse(TemplateFixtures.GOOD).revision())
                .isNotEqualTo(parse(other).revision());
    }

    @Test
    void parse_storedText_needsNoCatalogue() {
        String text = TemplateFixtures.with("  ci:pipeline.get", "  \"gone:*\": {effects: [read]}");

        assertThat(PARSER.parse(text)).get().satisfies(template -> {
            assertThat(template.text()).isEqualTo(text);
            assertThat(template.policy(false).calls()).isEqualTo(200);
        });
        assertThat(PARSER.parse("nonsense: 1")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "payments, null",
                "Payments, parameter 'service' does not match its pattern",
                "'', parameter 'service' does not match its pattern",
                "'pay\nments', parameter 'service' does not match its pattern",
                "null, parameter 'service' is missing"
            })
    void refusesParameters(String value, String why) {
        Map<String, String> given = value == null ? Map.of() : Map.of("service", value);

        assertThat(parse(TemplateFixtures.GOOD).refusesParameters(TemplateFixtures.texts(given)))
                .isEqualTo(why);
    }

    @Test
    void refusesParameters_ofAnotherName() {
        assertThat(parse(TemplateFixtures.GOOD)
                        .refusesParameters(TemplateFixtures.texts(Map.of("service", "a", "x", "y"))))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"a/b", ".", "..", "a\\b"})
    void parameter_moreThanOneSegment_isRefused(String value) {
        assertThat(ParameterPattern.compile(".*").matches(value)).isFalse();
    }

    @Test
    void parameter_length_isBounded() {
        assertThat(ParameterPattern.compile("a*").matches("a".repeat(128))).isTrue();
        assertThat(ParameterPattern.compile("a*").matches("a".repeat(129))).isFalse();
        assertThat(ParameterPattern.compile("a|ab").matches("abc")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://example.org/agent/release-*, spiffe://example.org/agent/release-bot, true",
        "spiffe://example.org/agent/release-*, spiffe://example.org/agent/release-, true",
        "spiffe://example.org/agent/release-*, spiffe://example.org/agent/release-bot/x, false",
        "spiffe://example.org/agent/release-*, spiffe://example.com/agent/release-bot, false",
        "spiffe://example.org/*/b*t, spiffe://example.org/agent/beat, true",
        "spiffe://example.org/*/b*t, spiffe://example.org/agent/bead, false",
        "spiffe://example.org/a, spiffe://example.org/a, true",
        "spiffe://example.org/a, spiffe://example.org/A, false",
        "spiffe://example.org/*, spiffe://example.org/a/b, false",
        "spiffe://example.org/*a*b*, spiffe://example.org/xxaxxabxb, true"
    })
    void agentPattern(String pattern, String agent, boolean matches) {
        assertThat(AgentPattern.parse(pattern)
                        .orElseThrow()
                        .matches(SpiffeId.parse(agent).orElseThrow()))
                .isEqualTo(matches);
    }

    @Test
    void load_directory_namesEveryFault(@TempDir Path directory) throws Exception {
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        Files.writeString(tasks.resolve("a.yaml"), TemplateFixtures.GOOD);
        Files.writeString(tasks.resolve("b.yaml"), TemplateFixtures.GOOD);
        Files.write(tasks.resolve("c.yaml"), new byte[] {(byte) 0xff});
        Files.writeString(tasks.resolve("d.yml"), TemplateFixtures.with("cut", "cut: x"), StandardCharsets.UTF_8);
        Files.writeString(tasks.resolve("notes.txt"), "not one");

        TemplateLoader.Result loaded = new TemplateLoader(PARSER).load(tasks, TemplateFixtures.OPERATIONS);

        assertThat(loaded.templates()).containsOnlyKeys("release");
        assertThat(loaded.faults().list())
                .extracting(Object::toString)
                .containsExactly(
                        "tasks/b.yaml:1:1: template 'release' is already in tasks/a.yaml",
                        "tasks/c.yaml:1:1: not UTF-8",
                        "tasks/d.yml:24:6: unknown value 'x' for cut; known are subtree, task",
                        "tasks/d.yml:1:1: template 'release' is already in tasks/a.yaml");
        assertThat(new TemplateLoader(PARSER)
                        .load(directory.resolve("none"), TemplateFixtures.OPERATIONS)
                        .templates())
                .isEmpty();
    }

    @Test
    void storedText_spreadOverTheCatalogues_grantsWhatALoadGrants() {
        String text = TemplateFixtures.with(
                "  vault:kv.read: {resource",
                "  vault:kv.list: {}\n"
                        + "  \"vault:*\": {effects: [read, list], resource: {pinned: {path_containment: a}}}");
        GrantTemplate stored = PARSER.parse(text).orElseThrow().grants();
        assertThat(stored.tools()).doesNotContainKey("vault:kv.read");

        GrantTemplate spread = stored.spread(TemplateFixtures.OPERATIONS);
        assertThat(spread.tools())
                .isEqualTo(parse(text).grants().tools())
                .containsKeys("vault:kv.read", "vault:kv.list")
                .doesNotContainKeys("vault:kv.write", "vault:sys.raw");
        assertThat(spread.pinned()).isEqualTo(parse(text).grants().pinned());
        assertThat(spread.pinned().operations()).containsExactly("vault:kv.read");
        assertThat(spread.wide()).isEmpty();
        assertThat(parse(text).grants().wide()).isEmpty();
    }
}
