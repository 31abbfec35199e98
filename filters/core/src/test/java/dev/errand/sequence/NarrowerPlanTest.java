package dev.errand.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.NarrowerPlan.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A narrower plan passes if every run of it is one of the template's, and is told the shortest run that is not. */
class NarrowerPlanTest {
    private static final String TEMPLATE = """
            sequence: [{"t:read": "1..3"}, {any: ["t:a", "t:b"]}, {repeat: ["t:c", "t:d"], times: "0..*"}]
            interleave: ["t:look"]
            rules: [{bounded: "t:look", at-most: 3}]
            """;

    private static YamlNode yaml(String text) {
        Faults faults = new Faults();
        YamlNode node = Yaml.parse("t", text, faults);
        assertThat(faults.isEmpty()).as(faults.toString()).isTrue();
        return node;
    }

    private static SequencePolicy policy(String template) {
        SequencePolicy policy = SequenceParser.policy((YamlMap) yaml(template), Duration.ofSeconds(60), new Faults());
        assertThat(policy).isNotNull();
        return policy;
    }

    private static Result compile(String steps, String template) {
        return NarrowerPlan.compile(yaml(steps), (YamlMap) yaml(template), policy(template), Duration.ofSeconds(60));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ["t:read", "t:a"]
            ["t:read"]
            [{"t:read": "1..3"}, {any: ["t:a", "t:b"]}, {repeat: ["t:c", "t:d"], times: "0..*"}]
            [{"t:read": 2}, "t:b", "t:c", "t:d", "t:c"]
            """)
    void narrowerPlan_isAccepted_withTheRulesOfTheTemplate(String steps) {
        assertThat(compile(steps, TEMPLATE)).isInstanceOfSatisfying(Result.Accepted.class, accepted -> {
            assertThat(((CompiledSequence) accepted.policy()).rules()).hasSize(1);
            assertThat(((CompiledSequence) accepted.policy()).interleave()).containsExactly("t:look");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ["t:a"]                                              | 1. t:a
            [{"t:read": "1..4"}]                                 | 1. t:read, 2. t:read, 3. t:read, 4. t:read
            [{all: ["t:read", "t:a"]}]                           | 1. t:a
            ["t:read", "t:a", "t:b"]                             | 1. t:read, 2. t:a, 3. t:b
            ["t:read", "t:a", {"t:c": "?"}, "t:d", "t:d"]        | 1. t:read, 2. t:a, 3. t:d
            ["t:read", "t:never"]                                | 1. t:read, 2. t:never
            """)
    void widerPlan_isToldTheShortestRunThatIsNotIncluded(String steps, String run) {
        assertThat(compile(steps, TEMPLATE))
                .isEqualTo(
                        new Result.Refused("sequence permits what the template's plan does not; shortest run: " + run));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                   | no step
            [{"t:read": {outcome: sent}}]        | operations and counts only
            [{"t:read": {same: [resource]}}]     | operations and counts only
            ["t:look"]                           | interleaved
            [{"t:read": "x"}]                    | how often
            [{"t:read": 1000}]                   | 512 states
            """)
    void malformedPlan_isRefused(String steps, String why) {
        String any = TEMPLATE.replace("\"1..3\"", "\"0..*\"");
        assertThat(compile(steps, any))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.why()).contains(why));
    }

    @Test
    void shortTextWithVeryManyCalls_isRefusedBeforeTheyAreMade() {
        String any = "\"a\",".repeat(3_900) + "\"a\"";
        for (String plan :
                List.of("[{repeat: [{any: [" + any + "]}], times: 60000}]", "[" + "{a: 0..60},".repeat(1_000) + "a]")) {
            assertThat(compile(plan, "rules: [{bounded: \"t:x\", at-most: 3}]"))
                    .isInstanceOfSatisfying(
                            Result.Refused.class,
                            refused -> assertThat(refused.why()).contains("2048 calls"));
        }
    }

    @Test
    void templateWithoutAPlan_takesAny() {
        assertThat(compile("[\"t:x\", \"t:y\"]", "rules: [{bounded: \"t:x\", at-most: 3}]"))
                .isInstanceOf(Result.Accepted.class);
    }

    @Test
    void outcomeAndSame_areTheTemplates() {
        String template = "sequence: [{\"t:read\": {times: \"1..9\", outcome: sent, same: [resource]}}]";
        assertThat(compile("[{\"t:read\": 2}]", template)).isInstanceOfSatisfying(Result.Accepted.class, accepted -> {
            Automaton plan = ((CompiledSequence) accepted.policy()).automaton().orElseThrow();
            assertThat(plan.sent(0)).isTrue();
            assertThat(plan.registers()).containsExactly("resource");
        });
        String two = "sequence: [{\"t:read\": {outcome: sent}}, \"t:a\", \"t:read\"]";
        assertThat(compile("[\"t:read\"]", two))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.why()).contains("two ways"));
    }

    /** Against all runs up to a length, for random pairs of plans. */
    @Test
    void verdict_isThatOfAllRuns() {
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            String wide = plan(random, 3);
            String narrow = plan(random, 2);
            Automaton wider =
                    ((CompiledSequence) policy("sequence: " + wide)).automaton().orElseThrow();
            Automaton narrower = ((CompiledSequence) policy("sequence: " + narrow))
                    .automaton()
                    .orElseThrow();
            List<String> beyond = NarrowerPlan.beyond(narrower, wider);
            List<List<String>> lacking = runs(narrower, 6).stream()
                    .filter(run -> !permits(wider, run))
                    .toList();
            if (lacking.isEmpty()) {
                assertThat(beyond == null || beyond.size() > 6)
                        .as(narrow + " in " + wide)
                        .isTrue();
            } else {
                refused++;
                int shortest = lacking.stream().mapToInt(List::size).min().orElseThrow();
                assertThat(beyond).as(narrow + " in " + wide).hasSize(shortest);
                assertThat(lacking).contains(beyond);
            }
        }
        assertThat(refused).isBetween(50, 399);
    }

    private static String plan(Random random, int most) {
        return IntStream.rangeClosed(1, 1 + random.nextInt(most))
                .mapToObj(i -> step(random, 2))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String step(Random random, int depth) {
        String operation = "\"t:" + (char) ('a' + random.nextInt(3)) + "\"";
        return switch (random.nextInt(depth == 0 ? 2 : 4)) {
            case 0 -> operation;
            case 1 -> "{" + operation + ": \"" + random.nextInt(2) + ".." + (1 + random.nextInt(2)) + "\"}";
            case 2 -> "{any: [" + step(random, depth - 1) + ", " + step(random, depth - 1) + "]}";
            default -> "{repeat: [" + step(random, depth - 1) + "], times: \"0..2\"}";
        };
    }

    private static List<List<String>> runs(Automaton plan, int most) {
        List<List<String>> runs = new ArrayList<>();
        walk(plan, 0, List.of(), most, runs);
        return runs;
    }

    private static void walk(Automaton plan, int state, List<String> run, int most, List<List<String>> runs) {
        runs.add(run);
        for (int edge = plan.firstEdge(state); run.size() < most && edge < plan.endEdge(state); edge++) {
            List<String> longer = new ArrayList<>(run);
            longer.add(plan.operation(edge));
            walk(plan, plan.target(edge), longer, most, runs);
        }
    }

    private static boolean permits(Automaton plan, List<String> run) {
        int state = 0;
        for (String operation : run) {
            int next = Automaton.NONE;
            for (int edge = plan.firstEdge(state); edge < plan.endEdge(state); edge++) {
                next = plan.operation(edge).equals(operation) ? plan.target(edge) : next;
            }
            if (next == Automaton.NONE) {
                return false;
            }
            state = next;
        }
        return true;
    }
}
