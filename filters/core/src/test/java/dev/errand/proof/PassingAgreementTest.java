package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.proof.Proofs.Read;
import dev.errand.task.AskPolicy;
import dev.errand.task.StartValues;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Capability;
import dev.errand.token.ParameterValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is proved of calls that pass without a human, beside all calls of small templates, one by one. */
class PassingAgreementTest {
    private static final int CASES = Integer.getInteger("errand.passing-cases", 400);
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> RESOURCES = resources();
    private static final Operation WRITE = Proofs.OPERATIONS.find("t:write").orElseThrow();

    private final Random random = new Random(Long.getLong("errand.passing-seed", 7));

    private record Call(String resource, String n) {
        OperationCall made() {
            Map<String, JsonValue> arguments = Map.of("resource", new JsonString(resource), "n", new JsonString(n));
            return new OperationCall(WRITE, resource, new JsonObject(arguments), false);
        }
    }

    private static List<String> resources() {
        List<String> all = new ArrayList<>(NAMES);
        for (String first : NAMES) {
            for (String second : NAMES) {
                all.add(first + "/" + second);
                all.add(first + "/" + second + "/e");
            }
        }
        return all;
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String word() {
        return one(List.of("a", "b", "c", "d", "{p}", "{q}"));
    }

    private String path() {
        return random.nextInt(3) == 0 ? word() : word() + "/" + word();
    }

    private String constraint(boolean path) {
        String first = "\"" + (path ? path() : word()) + "\"";
        String second = "\"" + (path ? path() : word()) + "\"";
        return switch (random.nextInt(path ? 6 : 4)) {
            case 0 -> "{exact: " + first + "}";
            case 1 -> "{one_of: [" + first + ", " + second + "]}";
            case 2 -> "{wildcard: true}";
            case 3 -> "{not_one_of: [" + first + "]}";
            default -> "{path_containment: " + first + "}";
        };
    }

    private String pattern() {
        return one(List.of("a", "a|b", "b|c|d", "[a-d]", "c|a"));
    }

    private String ask() {
        String resource = "resource: " + constraint(true);
        String n = "n: " + constraint(false);
        return switch (random.nextInt(5)) {
            case 0 -> "ask: {unless: {" + resource + "}}";
            case 1 -> "ask: {unless: {" + n + "}}";
            case 2 -> "ask: always";
            default -> "ask: {unless: {" + resource + ", " + n + "}}";
        };
    }

    private static String template(String head, String grant, String ask) {
        return head + "allow: {t:write: {" + grant + ", " + ask + "}}\n";
    }

    /** The calls that pass without a human, each with the parameters of its task. */
    private static Set<List<Object>> passing(Read read, boolean unasked) {
        Set<List<Object>> passing = new LinkedHashSet<>();
        AskPolicy ask = Objects.requireNonNull(read.template().enforced().ask());
        for (String p : NAMES) {
            for (String q : NAMES) {
                Map<String, ParameterValue> values = Map.of("p", ParameterValue.of(p), "q", ParameterValue.of(q));
                if (read.template().refusesParameters(values) != null) {
                    continue;
                }
                ArgumentMap granted = (ArgumentMap) Objects.requireNonNull(
                        read.template().granted(values).tools().get("t:write"));
                for (String resource : RESOURCES) {
                    for (String n : NAMES) {
                        OperationCall call = new Call(resource, n).made();
                        if (granted.check(call.arguments()) instanceof Capability.Check.Granted
                                && !(unasked
                                        && ask.always().why(List.of(call), new StartValues(values, Map.of()))
                                                != null)) {
                            passing.add(List.of(p, q, resource, n));
                        }
                    }
                }
            }
        }
        return passing;
    }

    @Test
    void approval_holdsIfNoCallPasses() {
        int held = 0;
        for (int i = 0; i < CASES; i++) {
            String head = "parameters: {p: \"" + pattern() + "\", q: \"" + pattern()
                    + "\"}\nask: {by: {claim: g, any: [a], clients: [c]}}\n";
            String grant = "resource: " + constraint(true) + ", n: " + constraint(false);
            String text = template(head, grant, ask());
            Read read = Proofs.template(text);
            boolean none = passing(read, true).isEmpty();
            String told = read.told("approval: \"t:write\"");
            held += told.equals("holds") ? 1 : 0;
            if (told.equals("holds")) {
                assertThat(passing(read, true)).as(text).isEmpty();
            } else if (told.startsWith("does not hold") && none) {
                // Values outside the small set may pass.
                assertThat(told).as(text).containsAnyOf("x", "v", "/a/a", "\u0000");
            }
            assertThat(read.told("never: \"t:write\", approved: false").equals("holds"))
                    .as(text)
                    .isEqualTo(told.equals("holds"));
        }
        assertThat(held).isBetween(CASES / 20, CASES * 19 / 20);
    }

    @Test
    void comparison_tellsOfEachCallThatOnlyOnePasses() {
        int silent = 0;
        for (int i = 0; i < CASES; i++) {
            String head = "parameters: {p: \"" + pattern() + "\", q: \"" + pattern()
                    + "\"}\nask: {by: {claim: g, any: [a], clients: [c]}}\n";
            String grant = "resource: " + constraint(true) + ", n: " + constraint(false);
            Read wide = Proofs.template(template(head, grant, ask()));
            Read narrow = Proofs.template(template(head, grant, ask()));
            Set<List<Object>> more = passing(wide, true);
            more.removeAll(passing(narrow, true));
            List<Comparison.Change> changes = new Comparison(
                            new Revision(wide.template(), wide.lines(), wide.operations()),
                            new Revision(narrow.template(), narrow.lines(), narrow.operations()),
                            Deadline.after(Duration.ofMinutes(2), System::nanoTime))
                    .run();
            if (changes.isEmpty()) {
                silent++;
                assertThat(more)
                        .as(wide.template().text() + narrow.template().text())
                        .isEmpty();
            }
        }
        assertThat(silent).isBetween(CASES / 20, CASES * 19 / 20);
    }
}
