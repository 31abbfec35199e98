package dev.errand.task.step;

import static dev.errand.task.step.Asker.ALICE;
import static dev.errand.task.step.Asker.ROOT;
import static dev.errand.task.step.Asker.code;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.ShownObjection;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Decided.Verdict;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskStep;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An approval lets pass only what people were shown: all objections, and what each rule had counted. */
class ObjectionsTest {
    private static final String ASKS = "\non-violation: {sequence: ask, rule: ask, flow: ask}";

    @Test
    void approvedBeforeTheRuleObjected_isAskedAgain() {
        Asker asker = new Asker("", "sequence: [x:a, x:b]\nrules: [{bounded: x:c, at-most: 1}]" + ASKS);
        TaskOutcome.Asked one = asker.asked("x:c", "1");
        TaskOutcome.Asked two = asker.asked("x:c", "2");
        assertThat(objected(two)).isEqualTo("[{\"at\":\"t.yaml:6\",\"code\":\"sequence-violation\",\"counted\":null}]");
        asker.decide(one, ALICE, true);
        asker.decide(two, ALICE, true);
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
        TaskOutcome.Asked again = asker.asked("x:c", "2");
        assertThat(again.opened()).isTrue();
        assertThat(objected(again))
                .isEqualTo("[{\"at\":\"t.yaml:6\",\"code\":\"sequence-violation\",\"counted\":null},"
                        + "{\"at\":\"t.yaml:7\",\"code\":\"rule-violation\",\"counted\":1}]");
        assertThat(asker.look(two).request()).as("nobody used it").isNull();
        asker.decide(again, ALICE, true);
        assertThat(((Permitted) asker.ask("x:c", "2")).approval().id())
                .isEqualTo(again.request().id());
    }

    @Test
    void sums_thatWereShownTogether_passOnce() {
        Asker asker = new Asker("pending: 4", "rules: [{sum: x:a, of: n, at-most: 100}]" + ASKS);
        assertThat(asker.ask("x:a", "0", amount(95), List.of(ROOT))).isInstanceOf(Permitted.class);
        List<TaskOutcome.Asked> four = IntStream.rangeClosed(1, 4)
                .mapToObj(i -> asker.asked("x:a", "" + i, amount(10)))
                .toList();
        four.forEach(each -> {
            assertThat(objected(each)).contains("\"counted\":95");
            assertThat(asker.decide(each, ALICE, true).verdict()).isEqualTo(Verdict.APPROVED);
        });
        assertThat(asker.ask("x:a", "1", amount(10), List.of(ROOT))).isInstanceOf(Permitted.class);
        for (int i = 2; i <= 4; i++) {
            assertThat(asker.look(four.get(i - 1)).request())
                    .as("105 and 10 more were not shown")
                    .isNull();
            Denied denied = (Denied) asker.ask("x:a", "" + i, amount(10), List.of(ROOT));
            assertThat(code(denied)).isEqualTo("approval-required");
            assertThat(objected(denied.asked())).contains("\"counted\":105");
        }
    }

    @Test
    void laterCall_thatMakesAnotherRuleObject_endsTheRequest() {
        Asker asker = new Asker("", "sequence: [x:b, x:b]\nrules: [{absence: x:c, after: x:b}]" + ASKS);
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        asker.decide(asked, ALICE, true);
        assertThat(asker.look(asked).request()).isNotNull();
        asker.ask("x:b", "1");
        assertThat(asker.look(asked).request())
                .as("the plan has not moved, and a rule objects now")
                .isNull();
        assertThat(asker.asked("x:c", "1").request().objected())
                .extracting(ShownObjection::code)
                .containsExactly("sequence-violation", "rule-violation");
    }

    @Test
    void requestThatEnded_freesItsPlace_andCannotBeDecided() {
        Asker asker = new Asker("pending: 2", "rules: [{bounded: x:c, at-most: 1}]" + ASKS);
        asker.ask("x:c", "0");
        TaskOutcome.Asked one = asker.asked("x:c", "1");
        TaskOutcome.Asked two = asker.asked("x:c", "2");
        asker.decide(one, ALICE, true);
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
        assertThat(asker.decide(two, ALICE, true).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(asker.task.lists().approvals().find(two.request().id())).isNull();
        asker.asked("x:c", "3");
        asker.asked("x:c", "4");
    }

    @Test
    void refusedInstead_ofAsked_byAnotherRule_endsTheRequest() {
        Asker asker = new Asker(
                "",
                "sequence: [x:b, x:b]\nrules: [{absence: x:c, after: x:b}]\non-violation: {sequence: ask, rule: deny}");
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        asker.ask("x:b", "1");
        assertThat(asker.look(asked).request()).isNull();
        assertThat(code(asker.ask("x:c", "1"))).isEqualTo("rule-violation");
    }

    @Test
    void callInFlight_onWhichARuleWaits_endsNothing() {
        Asker asker = new Asker(
                "",
                "sequence: [x:b, x:b]\nrules: [{absence: x:c, after: x:a, when: failed}]\ninterleave: [x:a]" + ASKS);
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        asker.decide(asked, ALICE, true);
        asker.ask("x:a", "1");
        assertThat(code(asker.ask("x:c", "1")))
                .as("the rule waits for the answer")
                .isEqualTo("rule-violation");
        assertThat(asker.look(asked).request()).isNotNull();
        asker.apply(new TaskStep.Settle(asker.lastDecision("x:a"), true));
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
    }

    @Test
    void callWhoseOutcomeNobodyKnows_endsTheRequest() {
        Asker asker = new Asker(
                "",
                "sequence: [x:b, x:b]\nrules: [{absence: x:c, after: x:a, when: failed}]\ninterleave: [x:a]" + ASKS);
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        asker.decide(asked, ALICE, true);
        asker.ask("x:a", "1");
        asker.apply(new TaskStep.Unanswered(asker.lastDecision("x:a"), true));
        assertThat(asker.look(asked).request())
                .as("nobody was shown the rule, which may object")
                .isNull();
        assertThat(asker.asked("x:c", "1").request().objected())
                .extracting(ShownObjection::code)
                .containsExactly("sequence-violation", "rule-violation");
    }

    @Test
    void approvalOfAnUnknownOutcome_coversNoViolation_andNoOtherUnknownCall() {
        String rule = "rules: [{absence: x:c, after: x:a, when: happened}]" + ASKS;
        Asker asker = new Asker("", rule);
        String first = unanswered(asker);
        TaskOutcome.Asked shown = asker.asked("x:c", "1");
        assertThat(shown.request().objected())
                .singleElement()
                .satisfies(each -> assertThat(each.unknown()).containsExactly(first));
        assertThat(objected(shown)).isEqualTo("[{\"at\":\"t.yaml:6\",\"code\":\"rule-violation\",\"counted\":null}]");
        asker.decide(shown, ALICE, true);
        String second = unanswered(asker);
        assertThat(asker.look(shown).request())
                .as("nobody was shown the second call")
                .isNull();
        TaskOutcome.Asked both = asker.asked("x:c", "1");
        assertThat(both.request().objected().get(0).unknown()).containsExactly(first, second);
        asker.decide(both, ALICE, true);
        asker.apply(new TaskStep.Know(first, false));
        assertThat(asker.look(both).request()).as("the second call was shown").isNotNull();
        asker.apply(new TaskStep.Know(second, true));
        assertThat(asker.look(both).request())
                .as("nobody was shown that it has happened")
                .isNull();
        TaskOutcome.Asked definite = asker.asked("x:c", "1");
        assertThat(definite.request().objected().get(0).unknown()).isEmpty();
        asker.decide(definite, ALICE, true);
        unanswered(asker);
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
    }

    /** The decision of a call of x:a whose outcome is unknown. */
    private static String unanswered(Asker asker) {
        asker.ask("x:a", "1");
        String decision = asker.lastDecision("x:a");
        asker.apply(new TaskStep.Unanswered(decision, true));
        return decision;
    }

    @Test
    void countThatFell_stillPasses() {
        Asker asker = new Asker(
                "within: 1h", "rules: [{bounded: x:c, at-most: 2, within: 60s}, {absence: x:c, after: x:a}]" + ASKS);
        asker.ask("x:a", "0");
        TaskOutcome.Asked first = asker.asked("x:c", "0");
        asker.decide(first, ALICE, true);
        assertThat(asker.ask("x:c", "0")).isInstanceOf(Permitted.class);
        asker.now += 30_000;
        asker.decide(asker.asked("x:c", "1"), ALICE, true);
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
        TaskOutcome.Asked both = asker.asked("x:c", "2");
        assertThat(objected(both)).contains("\"counted\":2");
        asker.decide(both, ALICE, true);
        asker.now += 45_000;
        Permitted passed = (Permitted) asker.ask("x:c", "2");
        assertThat(passed.approval().id()).isEqualTo(both.request().id());
    }

    @Test
    void window_countsEachApprovedCallAboveTheBound() {
        Asker asker = new Asker("pending: 16", "rules: [{bounded: x:c, at-most: 2, within: 60s}]" + ASKS);
        asker.ask("x:c", "0");
        asker.ask("x:c", "0");
        List<TaskOutcome.Asked> three =
                IntStream.range(1, 4).mapToObj(i -> asker.asked("x:c", "" + i)).toList();
        three.forEach(each -> asker.decide(each, ALICE, true));
        assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
        assertThat(objected(asker.asked("x:c", "2"))).contains("\"counted\":3");
        assertThat(asker.look(three.get(2)).request()).isNull();
    }

    @Test
    void distinctValues_areCounted() {
        Asker asker = new Asker("", "rules: [{distinct: x:c, of: n, at-most: 2}]" + ASKS);
        asker.ask("x:c", "0", amount(1), List.of(ROOT));
        asker.ask("x:c", "0", amount(2), List.of(ROOT));
        TaskOutcome.Asked three = asker.asked("x:c", "1", amount(3));
        TaskOutcome.Asked four = asker.asked("x:c", "1", amount(4));
        assertThat(objected(four)).contains("\"counted\":2");
        asker.decide(three, ALICE, true);
        asker.decide(four, ALICE, true);
        assertThat(asker.ask("x:c", "1", amount(3), List.of(ROOT))).isInstanceOf(Permitted.class);
        assertThat(objected(asker.asked("x:c", "1", amount(4)))).contains("\"counted\":3");
    }

    @Test
    void rulesOnOneLine_areNotTakenForEachOther() {
        Asker asker = new Asker(
                "within: 15m",
                "rules: [{absence: x:c, after: x:a, within: 60s}, {absence: x:c, after: x:b, within: 60s}]" + ASKS);
        asker.ask("x:a", "1");
        TaskOutcome.Asked asked = asker.asked("x:c", "1");
        asker.decide(asked, ALICE, true);
        asker.now += 61_000;
        asker.ask("x:b", "1");
        assertThat(objected(asker.asked("x:c", "1"))).isEqualTo(objected(asked));
        assertThat(asker.asked("x:c", "1").request().id())
                .isNotEqualTo(asked.request().id());
    }

    @Test
    void objections_areListedInTheirOrder_andBoundByTheDigest() {
        Asker asker = new Asker(
                "",
                "sequence: [x:b]\nrules:\n- {bounded: x:d, at-most: 1}\n- {absence: x:d, after: x:a}"
                        + "\ninterleave: [x:a]" + ASKS);
        asker.ask("x:a", "1");
        asker.decide(asker.asked("x:d", "0"), ALICE, true);
        asker.ask("x:d", "0");
        TaskOutcome.Asked asked = asker.asked("x:d", "1");
        assertThat(objected(asked))
                .isEqualTo("[{\"at\":\"t.yaml:6\",\"code\":\"sequence-violation\",\"counted\":null},"
                        + "{\"at\":\"t.yaml:8\",\"code\":\"rule-violation\",\"counted\":1},"
                        + "{\"at\":\"t.yaml:9\",\"code\":\"rule-violation\",\"counted\":null},"
                        + "{\"at\":null,\"code\":\"approval-required\",\"counted\":null}]");
        assertThat(asked.request().why())
                .hasSize(4)
                .last()
                .isEqualTo("A human has to approve every call of this operation.");
    }

    @Test
    void moreObjectionsThanPeopleCanBeShown_askNobody() {
        StringBuilder rules = new StringBuilder("rules:\n");
        for (int i = 0; i <= ShownObjection.MOST; i++) {
            rules.append("- {absence: x:c, after: x:a, within: ").append(i + 1).append("m}\n");
        }
        Asker asker = new Asker("", rules + ASKS.strip());
        asker.ask("x:a", "1");
        Denied denied = (Denied) asker.ask("x:c", "1");
        assertThat(code(denied)).isEqualTo("rule-violation");
        assertThat(denied.denial().detail())
                .endsWith("Nobody is asked, since more objects to the call than people can be shown.");
    }

    @Test
    void ruleWithoutRoomToCount_asksNobody() {
        Asker asker = new Asker("", "rules: [{sum: x:a, of: n, at-most: 9007199254740991}]" + ASKS);
        asker.ask("x:a", "0", amount(9_007_199_254_740_990L), List.of(ROOT));
        Denied denied = (Denied) asker.ask("x:a", "1", amount(2), List.of(ROOT));
        assertThat(code(denied)).isEqualTo("rule-violation");
        assertThat(denied.ending()).isNull();
        assertThat(denied.denial().detail()).contains("Nobody is asked, since the rule keeps no more");
    }

    @Test
    void refusals_ofTheSameArguments_areCounted() {
        Asker asker = new Asker("", "sequence: [x:a]" + ASKS);
        asker.decide(asker.asked("x:c", "1", amount(1)), ALICE, false);
        asker.decide(asker.asked("x:c", "2", amount(1)), ALICE, false);
        asker.decide(asker.asked("x:c", "3", amount(2)), ALICE, false);
        assertThat(asker.look(asker.asked("x:c", "4", amount(1))).refusedBefore())
                .isEqualTo(2);
        assertThat(asker.look(asker.asked("x:c", "4", amount(3))).refusedBefore())
                .isZero();
    }

    private static JsonObject amount(long n) {
        return new JsonObject(Map.of("n", JsonNumber.of(n), "resource", new JsonString("r")));
    }

    private static String objected(TaskOutcome.Asked asked) {
        JsonArray list = ShownObjection.list(asked.request().objected());
        return Jcs.canonical(list);
    }
}
