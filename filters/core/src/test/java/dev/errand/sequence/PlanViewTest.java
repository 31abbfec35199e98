package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.moves;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.sequence.SequencePolicies.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan is said to allow is what it lets pass. */
class PlanViewTest {
    private static final long NOW = 1_795_512_000_000L;

    @Test
    void view_withoutAPlan_isNone() {
        assertThat(SequencePolicy.ANY_ORDER.view(SequencePolicy.ANY_ORDER.start(), NOW))
                .isNull();
        SequencePolicy rules = policy("rules: [{absence: a, after: b}]");
        assertThat(rules.view(rules.start(), NOW)).isNull();
    }

    @Test
    void view_whileACallIsInFlight_hasWhatFitsWhateverItComesTo() {
        SequencePolicy policy = policy("{sequence: [a: 1..3, b, c], interleave: [i]}");
        SequenceState state = policy.start();
        assertThat(policy.view(state, NOW)).isEqualTo(new PlanView(6, List.of("a"), List.of("i")));
        state = fits(take(policy, state, moves("a"), "1", NOW));
        assertThat(policy.view(state, NOW).allows()).containsExactly("a");
        SequenceState happened = policy.settle(state, "1", true, NOW);
        assertThat(policy.view(happened, NOW).allows()).containsExactly("a", "b");
        assertThat(policy.view(state, NOW + 60_000).allows())
                .as("its place was given up")
                .containsExactly("a");
        happened = fits(take(policy, happened, moves("b"), "2", NOW));
        assertThat(policy.view(happened, NOW).allows()).as("b may fail").isEmpty();
    }

    @Test
    void view_ofAFinishedPlan_allowsNothing() {
        SequencePolicy policy = policy("sequence: [a]");
        SequenceState state = policy.settle(fits(take(policy, policy.start(), moves("a"), "1", NOW)), "1", true, NOW);

        assertThat(policy.view(state, NOW).allows()).isEmpty();
    }

    /** The reference is the plan itself, asked for each operation. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void view_onARandomWalk_isWhatTakeLetsPass(long seed) {
        RandomGenerator random = new java.util.Random(seed);
        SequencePolicy policy = policy("{sequence: [{repeat: [a, {any: [b, c]}], times: 1..3},"
                + " {all: [d, {e: {times: 1, outcome: sent}}]}, f: 0..2, g], interleave: [i]}");
        List<String> operations = List.of("a", "b", "c", "d", "e", "f", "g");
        SequenceState state = policy.start();
        List<String> open = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            SequenceState now = state;
            assertThat(policy.view(state, NOW).allows())
                    .isEqualTo(operations.stream()
                            .filter(operation ->
                                    take(policy, now, moves(operation), "x", NOW) instanceof Verdict.Accepted)
                            .toList());
            String operation = operations.get(random.nextInt(operations.size()));
            if (take(policy, state, moves(operation), "d" + step, NOW) instanceof Verdict.Accepted accepted) {
                state = accepted.next();
                open.add("d" + step);
            }
            if (!open.isEmpty() && random.nextInt(2) == 0) {
                state = policy.settle(state, open.remove(random.nextInt(open.size())), random.nextInt(4) > 0, NOW);
            }
        }
    }
}
