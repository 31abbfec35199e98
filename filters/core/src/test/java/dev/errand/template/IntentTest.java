package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationValues;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.ParameterValue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a template says of the values that a human gives: list parameters, pinned arguments, and what they fix. */
class IntentTest {
    private static Template parse(String humans, String parameters, String allow) {
        Faults faults = new Faults();
        return new TemplateParser()
                .parse("t.yaml", text(humans, parameters, allow), null, faults)
                .orElseThrow(() -> new AssertionError(faults.toString()));
    }

    private static String text(String humans, String parameters, String allow) {
        return """
                template: t
                agents: spiffe://example.org/agent/a
                humans: {issuer: "https://idp.example.org"%s}
                parameters: {%s}
                allow:
                  bank:transfer: {%s}
                flow: enforce
                """.formatted(humans, parameters, allow);
    }

    private static String faults(String humans, String parameters, String allow) {
        Faults faults = new Faults();
        assertThat(new TemplateParser().parse("t.yaml", text(humans, parameters, allow), null, faults))
                .isEmpty();
        return faults.toString();
    }

    private static final String LIST = "codes: {list: \"[A-Z0-9]{6}\", max: 2}";

    @Test
    void tools_aListParameter_givesAllItsValues() {
        Template template = parse(
                "",
                LIST,
                "a: {one_of: \"{codes}\"}, b: {not_one_of: \"{codes}\"}, c: {subset: \"{codes}\"}, d: {any: [{one_of:"
                        + " \"{codes}\"}, {exact: none}]}");
        Map<String, ParameterValue> given = Map.of("codes", ParameterValue.of(List.of("A1B2C3", "D4E5F6")));

        assertThat(template.refusesParameters(given)).isNull();
        assertThat(Jcs.canonical(template.tools(given).object("bank:transfer")))
                .isEqualTo("{\"a\":{\"constraint_type\":\"one_of\",\"values\":[\"A1B2C3\",\"D4E5F6\"]},"
                        + "\"b\":{\"constraint_type\":\"not_one_of\",\"excluded\":[\"A1B2C3\",\"D4E5F6\"]},"
                        + "\"c\":{\"allowed\":[\"A1B2C3\",\"D4E5F6\"],\"constraint_type\":\"subset\"},"
                        + "\"d\":{\"constraint_type\":\"any\",\"constraints\":[{\"constraint_type\":\"one_of\","
                        + "\"values\":[\"A1B2C3\",\"D4E5F6\"]},{\"constraint_type\":\"exact\",\"value\":\"none\"}]}}");
    }

    @Test
    void parameters_aTextForAList_isAListOfOne() {
        Template template = parse("", LIST, "a: {one_of: \"{codes}\"}");
        Map<String, ParameterValue> given = Map.of("codes", ParameterValue.of("A1B2C3"));

        assertThat(template.refusesParameters(given)).isNull();
        assertThat(template.normal(given)).containsEntry("codes", ParameterValue.of(List.of("A1B2C3")));
        assertThat(Jcs.canonical(template.tools(given))).contains("\"values\":[\"A1B2C3\"]");
    }

    @Test
    void parameters_offTheListOrItsPattern_areRefused() {
        Template template = parse("", LIST + ", name: \"[a-z]+\"", "a: {one_of: \"{codes}\"}, b: {exact: \"{name}\"}");
        ParameterValue name = ParameterValue.of("x");
        List<List<String>> bad = List.of(
                List.of(), List.of("A1B2C3", "A1B2C3", "A1B2C3"), List.of("A1B2C3", "a"), List.of("A1B2C3", ""));
        for (List<String> codes : bad) {
            assertThat(template.refusesParameters(Map.of("codes", ParameterValue.of(codes), "name", name)))
                    .as(codes.toString())
                    .startsWith("parameter 'codes'");
        }
        ParameterValue codes = ParameterValue.of(List.of("A1B2C3"));
        assertThat(template.refusesParameters(Map.of("codes", codes, "name", ParameterValue.of(List.of("x")))))
                .isEqualTo("parameter 'name' is no list");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: {exact: \"{codes}\"} | the list parameter 'codes' stands alone",
                "a: {one_of: [\"{codes}\"]} | the list parameter 'codes' stands alone",
                "a: {one_of: \"x{codes}\"} | the list parameter 'codes' stands alone",
                "a: {contains: \"{codes}\"} | expected a list",
                "a: {one_of: \"{name}\"} | 'name' is no list parameter: write [\"{name}\"]",
                "a: {one_of: \"{cods}\"} | unknown parameter 'cods'; did you mean 'codes'?",
                "a: {one_of: codes} | expected a list, or \"{name}\" of a list parameter",
                "a: {pinned: false} | pinned is true or a constraint",
                "a: {pinned: yes} | expected",
                "a: {pinned: true, exact: x} | a constraint has one of",
                "a: {pinned: {exact: x, one_of: [y]}} | a constraint has one of",
                "a: {any: [{pinned: true}]} | unknown constraint 'pinned'",
                "a: {pinned: {pinned: true}} | unknown constraint 'pinned'",
                "a: {exact: x}, \"*\": {pinned: true} | '*' must be {wildcard: true}",
            })
    void parse_badIntent_isAFault(String allow, String message) {
        assertThat(faults("", LIST + ", name: \"[a-z]+\"", allow)).contains(message.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "codes: {max: 3}",
                "codes: {list: \"[a-z]+\", max: 0}",
                "codes: {list: \"[a-z]+\", max: 257}",
                "codes: {list: \"(?=x)\"}",
                "codes: {list: [a], max: 2}",
                "codes: {list: \"[a-z]+\", most: 2}"
            })
    void parse_badListParameter_isAFault(String parameters) {
        assertThat(faults("", parameters, "a: {exact: x}")).startsWith("t.yaml:4:");
    }

    @ParameterizedTest
    @ValueSource(strings = {", consent: tsak", ", consent: {}", ", consent: {claim: [a]}", ", consent: {name: x}"})
    void parse_badConsent_isAFault(String humans) {
        assertThat(faults(humans, "", "a: {exact: x}")).startsWith("t.yaml:3:");
    }

    @Test
    void granted_pinnedArguments_areAsWideAsTheConstraintBeside() {
        Template template = parse(
                "",
                "",
                "account: {pinned: true}, amount: {pinned: {range: {max: 500}}}, note: {pinned: true, optional: true}");

        assertThat(Jcs.canonical(template.tools(Map.of()).object("bank:transfer")))
                .isEqualTo("{\"account\":{\"constraint_type\":\"wildcard\"},"
                        + "\"amount\":{\"constraint_type\":\"range\",\"max\":500},"
                        + "\"note\":{\"constraint_type\":\"wildcard\",\"optional\":true}}");
        assertThat(template.grants().pinned().byOperation())
                .containsExactly(Map.entry("bank:transfer", Map.of("account", false, "amount", false, "note", true)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"account\":{\"constraint_type\":\"exact\",\"value\":\"x\"}} | true",
                "{\"account\":{\"constraint_type\":\"one_of\",\"values\":[\"x\",\"y\"]}} | true",
                "{\"account\":{\"constraint_type\":\"exact\",\"value\":\"x\"},\"note\":{\"constraint_type\":\"exact\",\"value\":\"n\",\"optional\":true}} | true",
                "{\"account\":{\"constraint_type\":\"exact\",\"value\":\"x\"},\"note\":{\"constraint_type\":\"wildcard\"}} | false",
                "{\"account\":{\"constraint_type\":\"exact\",\"value\":\"x\"},\"*\":{\"constraint_type\":\"wildcard\"}} | true",
                "{\"account\":{\"constraint_type\":\"wildcard\"}} | false",
                "{\"account\":{\"constraint_type\":\"all\",\"constraints\":[{\"constraint_type\":\"exact\",\"value\":\"x\"}]}} | false",
                "{\"note\":{\"constraint_type\":\"exact\",\"value\":\"x\"}} | false",
                "{} | false",
            })
    void unfixed_isWhateverIsNotAValue(String asked, boolean fixed) throws Exception {
        Template template = parse("", "", "account: {pinned: true}, note: {pinned: true, optional: true}");
        Capability given = CapabilityParser.parse(
                Json.parseObject(("{\"tools\":{\"bank:transfer\":" + asked.strip() + "}}").getBytes()), 32);

        assertThat(template.grants().pinned().unfixed(given)).isEqualTo(fixed ? Set.of() : Set.of("bank:transfer"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // what fixes `a` | no consent | consent: {claim} | consent: task
                "a: {exact: x}|true|true|true",
                "a: {one_of: [x, y]}|true|true|true",
                "a: {all: [{exact: x}, {wildcard: true}]}|true|true|true",
                "a: {any: [{exact: x}, {exact: y}]}|true|true|true",
                "a: {any: [{exact: x}, {wildcard: true}]}|false|false|false",
                "a: {range: {max: 3}}|false|false|false",
                "a: {wildcard: true}|false|false|false",
                "b: {exact: x}|false|false|false",
                "b: {exact: x}, \"*\": {wildcard: true}|false|false|false",
                "a: {exact: \"{name}\"}|false|false|true",
                "a: {one_of: \"{codes}\"}|false|false|true",
                "a: {one_of: [x, \"{name}\"]}|false|false|true",
                "a: {pinned: true}|false|true|true",
                "a: {pinned: {range: {max: 3}}}|false|true|true",
                "a: {pinned: true, optional: true}|false|true|true",
            })
    void fixed_dependsOnWhoseWordItIs(String allow, boolean none, boolean claim, boolean task) {
        Operation operation = new Operation(
                "bank:transfer", Effect.WRITE, false, true, List.of("a"), List.of(), OperationValues.TEXT);
        String parameters = LIST + ", name: \"[a-z]+\"";
        Map<String, Boolean> expected = Map.of("", none, ", consent: {claim: errand}", claim, ", consent: task", task);
        expected.forEach((humans, fixed) -> {
            Template template = parse(humans, parameters, allow);
            assertThat(template.enforced().fixed().lets(operation)).as(humans).isEqualTo(fixed);
            assertThat(template.enforced().withoutConsent().fixed().lets(operation))
                    .as("a task of another anchor")
                    .isEqualTo(none);
        });
    }

    @Test
    void fixed_ofACatalogueLine_holdsWithoutTheCatalogue() {
        String text = text(", consent: task", "", "x: {exact: y}")
                .replace("allow:\n", "allow:\n  \"shop:*\": {effects: [write], a: {exact: v}}\n");
        Template template = new TemplateParser().parse(text).orElseThrow();

        assertThat(template.enforced()
                        .fixed()
                        .lets(new Operation(
                                "shop:buy", Effect.WRITE, false, true, List.of("a"), List.of(), OperationValues.TEXT)))
                .isTrue();
        assertThat(template.enforced()
                        .fixed()
                        .lets(new Operation(
                                "shop:buy", Effect.WRITE, false, true, List.of("b"), List.of(), OperationValues.TEXT)))
                .isFalse();
        assertThat(template.enforced().fixed().lets(new Operation("shop:buy", Effect.WRITE, false, true)))
                .as("the whole call")
                .isFalse();
    }
}
