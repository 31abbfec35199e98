package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.faults;
import static dev.errand.sequence.SequencePolicies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceParserTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "sequence: []|t.yaml:1:11: `sequence` has no step: leave it out to allow any order",
                "sequence: [{any: []}]|t.yaml:1:13: `any` needs at least one step",
                "sequence: [{repeat: [a]}]|t.yaml:1:13: `repeat` needs `times`: N, N..M, N..* or \"?\"",
                "sequence: [{a: 3..2}]|t.yaml:1:16: expected how often: N, N..M, N..* or \"?\", with whole numbers up to"
                        + " 1000000, N <= M and M at least 1; found '3..2'",
                "sequence: [{a: 0}]|t.yaml:1:16: expected how often: N, N..M, N..* or \"?\", with whole numbers up to"
                        + " 1000000, N <= M and M at least 1; found the number 0",
                "sequence: [{a: {tims: 2}}]|t.yaml:1:17: unknown key 'tims'; did you mean 'times'?",
                "sequence: [{a: {outcome: received}}]|t.yaml:1:26: `outcome` can only be sent, found 'received'; without"
                        + " it a step counts when its upstream answers below 400",
                "sequence: [{a: 1, b: 1}]|t.yaml:1:12: a step is one operation, or one of any, all and repeat; found 2"
                        + " keys: begin each step with its own `-`",
                "{sequence: [a, b], interleave: [b]}|t.yaml:1:33: b is interleaved and also a step of the plan: it cannot"
                        + " both move nothing and be a step; take it out of one",
                "sequence: [{a: {times: \"?\", same: [resource]}}, a]|t.yaml:1:49: a call of a could be this step or the"
                        + " one at t.yaml:1:12, and they bind different arguments (same: [resource] and same: []); give"
                        + " both the same `same`, or put a step between them",
                "sequence: [b, {a: 5000}]|t.yaml:1:15: the plan needs more than 4,096 states, most of them for step 2 (a:"
                        + " 5000): lower its counts, or have fewer steps under `all`",
                "rules: [{absence: a}]|t.yaml:1:9: missing key 'after'",
                "rules: [{precedence: a, before: a}]|t.yaml:1:25: `a` cannot come before itself: no call could be"
                        + " the first",
                "rules: [{bounded: a, at-most: 0}]|t.yaml:1:31: expected an integer 1..9007199254740992, found the number"
                        + " 0",
                "rules: [{bounded: a, at-most: 10001, within: 1h}]|t.yaml:1:31: expected an integer 1..4096, found the"
                        + " number 10001",
                "rules: [{absence: a, after: b, when: done}]|t.yaml:1:32: 'done' is no `when`: write sent, happened or"
                        + " failed",
                "rules: [{previous: a, before: a}]|t.yaml:1:23: `a` cannot come directly after itself: no call could"
                        + " be the first",
                "rules: [{distinct: a, of: x, at-most: 4097}]|t.yaml:1:39: expected an integer 1..4096, found the number"
                        + " 4097",
                "rules: [{sum: a, at-most: 5}]|t.yaml:1:9: missing key 'of'",
                "rules: [{from: {}, to: {b: x}}]|t.yaml:1:16: write 1 to 16 operations here, as {catalogue:id: name}",
                "rules: [{after: a}]|t.yaml:1:9: a rule is one of absence, precedence, bounded, sum, distinct, previous,"
                        + " from and answered; found none",
            })
    void parse_faulty_saysWhereAndHowToMend(String yaml, String message) {
        assertThat(faults(yaml)).isEqualTo(message);
    }

    @Test
    void compile_twoHundredSteps_takesUnderAHundredMilliseconds() {
        String yaml = IntStream.range(0, 200)
                .mapToObj(i -> "- \"op" + i + "\": 1..3\n")
                .collect(Collectors.joining("", "sequence:\n", ""));
        policy(yaml);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long begin = System.nanoTime();
            policy(yaml);
            best = Math.min(best, System.nanoTime() - begin);
        }
        assertThat(best / 1_000_000).isLessThan(100);
    }

    @Test
    void draw_textAndDot() {
        CompiledSequence policy = (CompiledSequence) policy("{sequence: [a, {b: \"?\"}], interleave: [i]}");
        assertThat(PlanDrawing.text(policy.automaton().orElseThrow(), policy.interleave()))
                .isEqualTo("""
                        0  start
                             a -> 1    step 1, t.yaml:1:13
                        1  may end here
                             b -> 2    step 2, t.yaml:1:16
                        2  finished
                        at any time: i
                        """);
        assertThat(PlanDrawing.dot(
                        "release",
                        policy.automaton().orElseThrow(),
                        policy.interleave(),
                        Map.of(0, List.of("run: call 1"))))
                .startsWith("digraph \"release\" {")
                .contains("1 -> 2 [label=\"b\", tooltip=\"t.yaml:1:16\"];", "2 [shape=doublecircle];")
                .contains("0 -> 1 [label=\"a [run: call 1]\", tooltip=\"t.yaml:1:13\", color=red");
    }
}
