package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.moves;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.refused;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.sequence.rule.AnswerValues;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceScenarioTest {
    private static final long NOW = 1_795_512_000_000L;
    private static final SequencePolicy DEPLOY = policy("sequence: [\"tests:run\", \"deploy:apply\"]");

    @ParameterizedTest
    @CsvSource({"answered", "given back", "hung"})
    void take_deploysRacingTestsThatFail_neverPass(String end) {
        SequenceState state = fits(take(DEPLOY, DEPLOY.start(), moves("tests:run"), "t", NOW));
        for (int i = 0; i < 50; i++) {
            Objection objection = refused(take(DEPLOY, state, moves("deploy:apply"), "d" + i, NOW + i));
            assertThat(objection.kind()).isEqualTo(Kind.PENDING);
            assertThat(objection.trace()).containsExactly("deploy:apply");
            assertThat(objection.rule()).isEqualTo("t.yaml:1");
        }
        long later = NOW + 100;
        if (end.equals("answered")) {
            state = DEPLOY.settle(state, "t", false, later);
        } else if (end.equals("given back")) {
            state = DEPLOY.giveBack(state, "t", later);
        } else {
            later = NOW + 60_000;
        }
        Objection objection = refused(take(DEPLOY, state, moves("deploy:apply"), "d", later));
        assertThat(objection.kind()).isEqualTo(Kind.PLAN);
        assertThat(objection.detail())
                .isEqualTo("`deploy:apply` does not follow the plan, which stands at state 0 of 3 (t.yaml:1:12);"
                        + " it allows `tests:run`");
        // The late answer of a call whose place was given up, or of one settled before, changes nothing.
        state = DEPLOY.settle(DEPLOY.expire(state, later), "t", true, later);
        refused(take(DEPLOY, state, moves("deploy:apply"), "d", later));
        state = fits(take(DEPLOY, state, moves("tests:run"), "t2", later));
        state = DEPLOY.settle(state, "t2", true, later);
        state = DEPLOY.settle(fits(take(DEPLOY, state, moves("deploy:apply"), "d", later)), "d", true, later);
        assertThat(refused(take(DEPLOY, state, moves("tests:run"), "t3", later)).detail())
                .isEqualTo("`tests:run` does not follow the plan, which is finished; it allows nothing more");
    }

    @Test
    void objection_namesTheStepThatThePlanStandsAt_orTheLastOfAFinishedOne() {
        SequencePolicy plan = policy("sequence:\n  - a\n  - b: 2\n");
        SequenceState state = plan.start();
        assertThat(refused(take(plan, state, moves("b"), "1", NOW)).rule()).isEqualTo("t.yaml:2");
        for (String step : List.of("a", "b", "b")) {
            state = fits(take(plan, state, moves(step), step, NOW));
            state = plan.settle(state, step, true, NOW);
        }
        assertThat(refused(take(plan, state, moves("a"), "2", NOW)).rule()).isEqualTo("t.yaml:3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[a, b]                              | a b      | a a; b; a b a",
                "[a: 2]                              | a a      | a a a",
                "[a: 1..2, b]                        | a b,a a b| b; a a a",
                "[a: 2..*, b]                        | a a a b  | a b",
                "[a: \"?\", b]                       | b,a b    | a a",
                "[{any: [a, {all: [b, c]}]}, d]      | a d,c b d| a b; b d",
                "[{all: [a: 2, b]}]                  | a a b,b a a | a b",
                "[{repeat: [a, b], times: 1..2}, c]  | a b c,a b a b c | c; a c; a b a b a",
                "[{repeat: [a, b], times: 0..*}, c]  | c,a b a b a b c | b",
            })
    void take_eachConstruct(String plan, String passing, String failing) {
        SequencePolicy policy = policy("sequence: " + plan);
        for (String word : passing.split(",")) {
            assertThat(walk(policy, word.trim().split(" "))).as(word).isTrue();
        }
        for (String word : failing.split(";")) {
            assertThat(walk(policy, word.trim().split(" "))).as(word).isFalse();
        }
    }

    private static boolean walk(SequencePolicy policy, String... word) {
        SequenceState state = policy.start();
        for (String operation : word) {
            Verdict verdict = take(policy, state, moves(operation), "x", NOW);
            if (verdict instanceof Verdict.Refused) {
                assertThat(operation).isEqualTo(word[word.length - 1]);
                return false;
            }
            state = policy.settle(fits(verdict), "x", true, NOW);
        }
        return true;
    }

    @Test
    void take_interleavedAndDryRun_moveNothing() {
        SequencePolicy policy = policy("{sequence: [a, b], interleave: [i]}");
        SequenceState state = policy.start();
        Verdict.Accepted interleaved = (Verdict.Accepted) take(policy, state, moves("i"), "i", NOW);
        assertThat(interleaved.awaited().outcome()).isFalse();
        state = fits(take(policy, interleaved.next(), moves("~a"), "dry", NOW));
        assertThat(state.describe()).isEqualTo("0");
        assertThat(refused(take(policy, state, moves("~b"), "dry", NOW)).kind()).isEqualTo(Kind.PLAN);
        assertThat(fits(take(policy, state, moves("a"), "a", NOW)).describe()).isEqualTo("0+1 in flight");
    }

    @Test
    void take_callOfSeveralPairs_isAllOrNothing() {
        SequencePolicy policy = policy("sequence: [a: 3, b]");
        SequenceState state = fits(take(policy, policy.start(), moves("a", "a"), "1", NOW));
        assertThat(refused(take(policy, state, moves("a", "b"), "2", NOW)).kind())
                .isEqualTo(Kind.PENDING);
        state = policy.settle(state, "1", true, NOW);
        state = fits(take(policy, state, moves("a", "b"), "3", NOW));
        assertThat(policy.settle(state, "3", false, NOW).describe()).isEqualTo("2");
        assertThat(policy.settle(state, "3", true, NOW).describe()).isEqualTo("4");
    }

    @Test
    void take_sameResource_mustEqualWhatBoundFirst() {
        SequencePolicy policy = policy("sequence: [r: {same: [resource]}, w: {times: 0..*, same: [resource]}]");
        SequenceState state = fits(take(policy, policy.start(), moves("r=x"), "1", NOW));
        state = policy.settle(state, "1", true, NOW);
        assertThat(refused(take(policy, state, moves("w=y"), "2", NOW)).detail())
                .endsWith("it allows `w` with the same resource as before");
        refused(take(policy, state, moves("w"), "2", NOW));
        fits(take(policy, state, moves("w=x"), "2", NOW));
    }

    @Test
    void take_outcomeSent_countsOnceTheRequestWasHandedOver() {
        SequencePolicy policy = policy("sequence: [a: {outcome: sent}, b]");
        Verdict.Accepted permitted = (Verdict.Accepted) take(policy, policy.start(), moves("!a"), "a", NOW);
        assertThat(permitted.awaited()).isEqualTo(Awaited.SENDING_AT_ONCE);
        SequenceState state = permitted.next();
        assertThat(refused(take(policy, state, moves("b"), "b", NOW)).kind()).isEqualTo(Kind.PENDING);
        assertThat(refused(take(policy, state, moves("!a"), "a2", NOW)).kind()).isEqualTo(Kind.PENDING);
        fits(take(policy, policy.giveBack(state, "a", NOW), moves("!a"), "a2", NOW));

        SequenceState sent = policy.sent(state, "a");
        SequenceState both = fits(take(policy, sent, moves("b"), "b", NOW));
        assertThat(refused(take(policy, sent, moves("!a"), "a2", NOW)).kind()).isEqualTo(Kind.PLAN);
        assertThat(policy.settle(both, "b", true, NOW).describe()).isEqualTo("0+1 in flight");
        assertThat(policy.settle(policy.settle(both, "b", true, NOW), "a", false, NOW)
                        .describe())
                .isEqualTo("2");
        fits(take(policy, policy.settle(state, "a", false, NOW), moves("b"), "b", NOW));
    }

    @Test
    void take_outcomeSentOfTheLastStep_isNotToldAtOnce() {
        SequencePolicy policy = policy("sequence: [b, a: {outcome: sent}]\ninterleave: [c]");
        SequenceState state = policy.settle(fits(take(policy, policy.start(), moves("b"), "b", NOW)), "b", true, NOW);
        Verdict.Accepted last = (Verdict.Accepted) take(policy, state, moves("!a"), "a", NOW);
        assertThat(last.awaited()).isEqualTo(Awaited.SENDING);
        assertThat(policy.unanswered(last.next(), "a", true, NOW).describe()).isEqualTo("2");
        assertThat(policy.unanswered(last.next(), "a", false, NOW).describe()).isEqualTo("1+1 unknown");
        assertThat(((Verdict.Accepted) take(policy, policy.start(), moves("b"), "b", NOW)).awaited())
                .isEqualTo(Awaited.OUTCOME);
    }

    @Test
    void take_outcomeSentOfAConnection_countsAtOnceAndIsGivenBackOnlyIfNothingRestsOnIt() {
        SequencePolicy policy = policy("sequence: [a: {outcome: sent}, b]");
        Verdict.Accepted permitted = (Verdict.Accepted) take(policy, policy.start(), moves("^a"), "a", NOW);
        assertThat(permitted.awaited()).isEqualTo(Awaited.OUTCOME);
        SequenceState sent = permitted.next();
        fits(take(policy, policy.giveBack(sent, "a", NOW), moves("^a"), "a2", NOW));
        SequenceState both = fits(take(policy, sent, moves("b"), "b", NOW));
        SequenceState kept = policy.giveBack(both, "a", NOW);
        assertThat(policy.settle(kept, "b", true, NOW).describe()).isEqualTo("2");
    }

    @Test
    void take_behindAnUnknownWrite_asksForTheOperator() {
        SequencePolicy policy = policy("sequence: [r, w, x: 0..2]");
        SequenceState read = policy.settle(fits(take(policy, policy.start(), moves("r"), "r", NOW)), "r", true, NOW);
        SequenceState state = policy.unanswered(fits(take(policy, read, moves("!w"), "w1", NOW)), "w1", true, NOW);
        assertThat(state.describe()).isEqualTo("1+1 unknown");
        assertThat(policy.unknown(state, NOW)).containsExactly(new UnknownOutcome("w1", List.of("w"), NOW));
        for (String next : List.of("!w", "x")) {
            Objection objection = refused(take(policy, state, moves(next), "next", NOW));
            assertThat(objection.kind()).isEqualTo(Kind.UNKNOWN);
            assertThat(objection.unknown()).containsExactly("w1");
            assertThat(objection.detail())
                    .contains("the outcome of `w1` is unknown")
                    .contains("t.yaml:1");
        }
        assertThat(refused(take(policy, state, moves("r"), "next", NOW)).kind())
                .as("it fits for neither outcome")
                .isEqualTo(Kind.PLAN);
        assertThat(policy.view(state, NOW).allows()).isEmpty();
        fits(take(policy, policy.know(state, "w1", true, NOW).next(), moves("x"), "next", NOW));
        fits(take(policy, policy.know(state, "w1", false, NOW).next(), moves("!w"), "next", NOW));
        fits(take(policy, policy.settle(state, "w1", true, NOW), moves("x"), "next", NOW));
    }

    @Test
    void expire_writeWithoutOutcome_isUnknownAndAReadFailed() {
        SequencePolicy policy = policy("sequence: [w, x]");
        SequenceState write = fits(take(policy, policy.start(), moves("!w"), "w1", NOW));
        assertThat(policy.expire(write, NOW + 59_999).describe()).isEqualTo("0+1 in flight");
        assertThat(policy.expire(write, NOW + 60_000).describe()).isEqualTo("0+1 unknown");
        assertThat(policy.know(write, "w1", true, NOW + 59_999).verdict()).isEqualTo(Settlement.Verdict.IN_FLIGHT);
        assertThat(policy.know(write, "w1", true, NOW + 60_000).verdict()).isEqualTo(Settlement.Verdict.SETTLED);
        SequenceState read = fits(take(policy, policy.start(), moves("w"), "w1", NOW));
        assertThat(policy.expire(read, NOW + 60_000).describe()).isEqualTo("0");
        // A call of which one operation writes is unknown as a whole.
        SequenceState copy = fits(take(
                policy("rules: [{precedence: s, before: x}]"),
                policy("rules: [{precedence: s, before: x}]").start(),
                moves("!t", "s"),
                "c",
                NOW));
        assertThat(policy("rules: [{precedence: s, before: x}]")
                        .expire(copy, NOW + 60_000)
                        .describe())
                .isEqualTo("any+1 unknown");
    }

    @Test
    void unknown_thatDecidesNothingMore_isForgotten() {
        SequencePolicy policy =
                policy("sequence: [{w: 0..1}, x: 0..9]\nrules: [{precedence: w, before: y, within: 10s}]");
        SequenceState state = fits(take(policy, policy.start(), moves("!w"), "w1", NOW));
        state = policy.unanswered(state, "w1", false, NOW);
        state = policy.settle(fits(take(policy, state, moves("x"), "x1", NOW + 1)), "x1", true, NOW + 2);
        assertThat(state.describe()).as("the rule still minds").isEqualTo("2+1 unknown");
        assertThat(policy.expire(state, NOW + 10_000).describe()).isEqualTo("2+1 unknown");
        assertThat(policy.expire(state, NOW + 10_001).describe()).isEqualTo("2");
        assertThat(policy.know(state, "w1", true, NOW + 10_001).verdict()).isEqualTo(Settlement.Verdict.NO_SUCH);
        assertThat(policy.know(policy.start(), "w1", true, NOW).verdict()).isEqualTo(Settlement.Verdict.NO_SUCH);
    }

    @Test
    void take_tooManyUnknown_isRefusedUntilAnOperatorSettlesOne() {
        SequencePolicy policy = policy("sequence: [{w: 0..300}]");
        SequenceState state = policy.start();
        for (int i = 0; i < CompiledSequence.MAX_IN_FLIGHT; i++) {
            state = policy.unanswered(fits(take(policy, state, moves("!w"), "w" + i, NOW)), "w" + i, true, NOW);
        }
        Objection full = refused(take(policy, state, moves("!w"), "more", NOW));
        assertThat(full.kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(full.rule()).isNull();
        assertThat(full.unknown()).hasSize(16).startsWith("w0", "w1");
        assertThat(policy.write(state)).hasSizeLessThan(8_192);
        assertThat(policy.read(policy.write(state)).describe()).isEqualTo("0+256 unknown");
        fits(take(policy, policy.know(state, "w9", false, NOW).next(), moves("!w"), "more", NOW));
    }

    @Test
    void take_unknownCallsThatLeaveManyWaysOpen_isRefusedUntilAnOperatorSettlesOne() {
        SequencePolicy policy = policy("sequence: [{all: [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9]}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 10; i++) {
            state = policy.unanswered(fits(take(policy, state, moves("!a" + i), "d" + i, NOW)), "d" + i, true, NOW);
        }
        SequencePolicy.Judged judged = policy.judge(state, moves("!a0"), AnswerValues.NONE, "more", NOW);
        Objection many = judged.objections().get(0);
        assertThat(many.kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(many.rule()).as("nobody is asked").isNull();
        assertThat(many.detail())
                .contains("leave more than 512 ways open for the plan")
                .contains("`d0`");
        assertThat(many.unknown()).hasSize(10);
        assertThat(policy.unknown(judged.next(), NOW)).hasSize(10);
        assertThat(policy.view(state, NOW).allows()).isEmpty();
        state = policy.know(state, "d3", false, NOW).next();
        fits(take(policy, state, moves("!a3"), "again", NOW));
    }

    @Test
    void take_callsInFlightThatLeaveManyWaysOpen_fits() {
        SequencePolicy policy = policy("sequence: [{all: [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9]}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 10; i++) {
            state = fits(take(policy, state, moves("a" + i), "d" + i, NOW));
        }
    }

    @Test
    void write_decisionId_isShort() {
        SequencePolicy policy = policy("sequence: [w, x]");
        String id = "d-AZVxbE8kAAECAwQFBgcICQ";
        SequenceState state = fits(take(policy, policy.start(), moves("!w"), id, NOW));
        SequenceState same = fits(take(policy, policy.start(), moves("w"), id, NOW));
        assertThat(policy.write(state).length - policy.write(same).length).isEqualTo(17 - 8);
        state = policy.read(policy.write(policy.unanswered(state, id, true, NOW)));
        assertThat(policy.unknown(state, NOW))
                .extracting(UnknownOutcome::decision)
                .containsExactly(id);
    }

    @Test
    void take_repetitionThatLeadsNowhere_awaitsNoOutcome() {
        SequencePolicy policy = policy("sequence: [a: 1..*, b]\nrules: [{absence: c, after: a}]");
        Verdict.Accepted first = (Verdict.Accepted) take(policy, policy.start(), moves("a"), "a1", NOW);
        assertThat(first.awaited().outcome()).isTrue();
        SequenceState stands = policy.settle(first.next(), "a1", true, NOW);
        for (int i = 0; i < 1_000; i++) {
            Verdict.Accepted again = (Verdict.Accepted) take(policy, stands, moves("a"), "again" + i, NOW);
            assertThat(again.awaited().outcome()).isFalse();
            stands = again.next();
        }
        // Neither the plan nor the rule keeps anything of them.
        assertThat(policy.write(stands)).hasSizeLessThan(32);
        Verdict.Accepted last = (Verdict.Accepted) take(policy, stands, moves("b"), "b", NOW);
        assertThat(last.awaited().outcome()).isTrue();
    }

    @Test
    void take_repetitionBehindAnUnansweredFirst_isTiedToIt() {
        SequencePolicy policy = policy("sequence: [a: 1..*, b]");
        Verdict.Accepted first = (Verdict.Accepted) take(policy, policy.start(), moves("a"), "a1", NOW);
        Verdict.Accepted second = (Verdict.Accepted) take(policy, first.next(), moves("a"), "a2", NOW);
        assertThat(second.awaited().outcome()).isTrue();
        SequenceState failed = policy.settle(policy.settle(second.next(), "a1", false, NOW), "a2", false, NOW);
        refused(take(policy, failed, moves("b"), "b", NOW));
    }

    @Test
    void take_tooManyUnanswered_waits() {
        SequencePolicy policy = policy("sequence: [a: 0..300]");
        SequenceState state = policy.start();
        for (int i = 0; i < CompiledSequence.MAX_IN_FLIGHT; i++) {
            state = fits(take(policy, state, moves("a"), "a" + i, NOW));
        }
        Objection objection = refused(take(policy, state, moves("a"), "more", NOW));
        assertThat(objection.kind()).isEqualTo(Kind.PENDING);
        fits(take(policy, policy.settle(state, "a7", false, NOW), moves("a"), "more", NOW));
        assertThat(policy.read(policy.write(state)).describe()).isEqualTo("0+256 in flight");
    }

    @Test
    void read_anythingElse_isRefused() {
        byte[] written = DEPLOY.write(fits(take(DEPLOY, DEPLOY.start(), moves("tests:run"), "t", NOW)));
        for (int length = 0; length < written.length; length++) {
            byte[] cut = Arrays.copyOf(written, length);
            assertThatThrownBy(() -> DEPLOY.read(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> DEPLOY.read(Arrays.copyOf(written, written.length + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> policy("sequence: [a]").read(written)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void digest_isOfTheCompiledPlanAndNotOfItsText() {
        assertThat(policy("sequence: [a, {any: [b, c]}]").digest())
                .matches("sha-256:[A-Za-z0-9_-]{43}")
                .isEqualTo(policy("sequence:\n  - a\n  - {any: [c, b]}").digest())
                .isNotEqualTo(policy("sequence: [a, {any: [b, c]}]\nrules: [{bounded: b, at-most: 1}]")
                        .digest());
    }

    @Test
    void anyOrder_takesNoByte() {
        SequencePolicy policy = policy("x: y");
        assertThat(policy).isSameAs(SequencePolicy.ANY_ORDER);
        SequenceState state = fits(take(policy, policy.start(), moves("a"), "a", NOW));
        assertThat(policy.write(state)).isEmpty();
        assertThat(List.of(state, policy.read(new byte[0]))).containsOnly(policy.start());
    }

    private static boolean fitsAt(SequencePolicy policy, SequenceState state, long now) {
        return take(policy, state, moves("b"), "next", now) instanceof Verdict.Accepted;
    }

    /** A call that was given back uses up nothing: neither an occurrence, nor one that it owed for an unknown outcome. */
    @ParameterizedTest
    @ValueSource(strings = {"", ", within: 1h"})
    void onceForEach_callThatWasGivenBack_freesWhatItUsed(String within) {
        SequencePolicy policy = policy("rules: [{precedence: w, before: b, once: true" + within + "}]");
        SequenceState sent = fits(take(policy, policy.start(), moves("!w"), "w1", NOW));
        SequenceState used = fits(take(policy, policy.settle(sent, "w1", true, NOW), moves("b"), "b1", NOW + 1));
        assertThat(fitsAt(policy, used, NOW + 2)).isFalse();
        assertThat(fitsAt(policy, policy.giveBack(used, "b1", NOW + 2), NOW + 3))
                .isTrue();

        SequencePolicy.Judged against = policy.judge(policy.start(), moves("b"), AnswerValues.NONE, "b1", NOW);
        assertThat(against.objections()).extracting(Objection::kind).containsExactly(Kind.RULE);
        assertThat(fitsAt(policy, policy.giveBack(against.next(), "b1", NOW + 1), NOW + 2))
                .isFalse();

        SequenceState unknown = policy.unanswered(sent, "w1", true, NOW);
        SequencePolicy.Judged asked = policy.judge(unknown, moves("b"), AnswerValues.NONE, "b1", NOW + 1);
        assertThat(asked.objections()).extracting(Objection::kind).containsExactly(Kind.UNKNOWN_RULE);
        SequenceState back = policy.giveBack(asked.next(), "b1", NOW + 2);
        SequenceState known = policy.know(back, "w1", true, NOW + 3).next();
        SequenceState once = fits(take(policy, known, moves("b"), "b2", NOW + 4));
        assertThat(fitsAt(policy, once, NOW + 5)).isFalse();

        SequenceState paid = policy.know(asked.next(), "w1", true, NOW + 2).next();
        assertThat(fitsAt(policy, paid, NOW + 3)).isFalse();
        // Within a time the occurrence that paid is no longer known.
        assertThat(fitsAt(policy, policy.giveBack(paid, "b1", NOW + 3), NOW + 4))
                .isEqualTo(within.isEmpty());
    }

    @Test
    void onceForEach_withinATime_usesNoneThatIsTooOld() {
        SequencePolicy policy = policy("rules: [{precedence: w, before: b, once: true, within: 1h}]");
        SequenceState state = policy.start();
        for (long at : new long[] {NOW, NOW + 3_000_000}) {
            state = policy.settle(fits(take(policy, state, moves("w"), "w" + at, at)), "w" + at, true, at);
        }
        state = fits(take(policy, state, moves("b"), "b1", NOW + 3_700_000));
        assertThat(fitsAt(policy, state, NOW + 3_700_001)).isFalse();
    }
}
