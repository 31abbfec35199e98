package dev.errand.task.step;

import static dev.errand.task.step.Asker.ALICE;
import static dev.errand.task.step.Asker.BOB;
import static dev.errand.task.step.Asker.CHILD;
import static dev.errand.task.step.Asker.ROOT;
import static dev.errand.task.step.Asker.code;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovedUse;
import dev.errand.task.Offer;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Decided.Verdict;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OfferTest {
    private static final String E = "x:e";
    private static final String F = "x:f";
    private static final String WAITS = "approval-required";

    private static JsonObject pays(String account, long amount) {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        arguments.put("account", new JsonString(account));
        arguments.put("amount", JsonNumber.of(amount));
        return new JsonObject(arguments);
    }

    private static TaskOutcome pay(Asker asker, String operation, String account, long amount) {
        return pay(asker, operation, account, amount, List.of(ROOT));
    }

    private static TaskOutcome pay(
            Asker asker, String operation, String account, long amount, List<TokenAccount> chain) {
        TaskOutcome outcome = asker.ask(operation, "body-" + amount, pays(account, amount), chain);
        if (outcome instanceof Permitted) {
            asker.settleLast(true);
        }
        return outcome;
    }

    private static TaskOutcome.Asked asked(Asker asker, String operation, String account, long amount) {
        return asker.asked(operation, "body-" + amount, pays(account, amount));
    }

    private static ApprovedUse.Offered use(TaskOutcome outcome) {
        assertThat(outcome).as(code(outcome)).isInstanceOf(Permitted.class);
        return ((Permitted) outcome).approval().offer();
    }

    @Test
    void offer_approved_letsSoManyCallsPassWithTheFixedValue() {
        Asker asker = new Asker("", "");
        TaskOutcome.Asked asked = asked(asker, E, "A", 10);
        assertThat(asker.offer(asked, ALICE).verdict()).isEqualTo(Verdict.APPROVED);
        assertThat(code(pay(asker, E, "B", 10))).isEqualTo(WAITS);
        assertThat(use(pay(asker, E, "A", 10))).isEqualTo(new ApprovedUse.Offered(3, 1));
        assertThat(use(pay(asker, E, "A", 20))).isEqualTo(new ApprovedUse.Offered(3, 2));
        TaskOutcome last = pay(asker, E, "A", 20);
        assertThat(use(last)).isEqualTo(new ApprovedUse.Offered(3, 3));
        assertThat(((Permitted) last).approval().digest())
                .isEqualTo(asked.request().offer().digest())
                .isNotEqualTo(asked.request().digest());
        assertThat(code(pay(asker, E, "A", 30))).isEqualTo(WAITS);
    }

    @Test
    void offer_argumentsThatWereRefused_areNotCovered() {
        Asker asker = new Asker("", "");
        asker.decide(asked(asker, E, "A", 400), ALICE, false);
        asker.offer(asked(asker, E, "A", 10), ALICE);
        assertThat(code(asker.ask(E, "another body", pays("A", 400), List.of(ROOT))))
                .isEqualTo(WAITS);
        assertThat(use(pay(asker, E, "A", 399)).used()).isEqualTo(1);
    }

    @Test
    void offer_eachUse_weighsInMemory() {
        Asker asker = new Asker("", "");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        long before = asker.task.weight();
        pay(asker, E, "A", 10);
        assertThat(asker.task.weight()).isGreaterThanOrEqualTo(before + 96);
    }

    @Test
    void offer_notApproved_letsOnlyTheOneCallPass() {
        Asker asker = new Asker("", "");
        asker.decide(asked(asker, E, "A", 10), ALICE, true);
        assertThat(code(pay(asker, E, "A", 20))).isEqualTo(WAITS);
        assertThat(use(pay(asker, E, "A", 10))).isNull();
        assertThat(code(pay(asker, E, "A", 10))).isEqualTo(WAITS);
    }

    @Test
    void offer_approvedByOneOfTwo_letsOnlyTheOneCallPass() {
        Asker asker = new Asker("quorum: 2", "");
        TaskOutcome.Asked asked = asked(asker, E, "A", 10);
        asker.offer(asked, ALICE);
        asker.decide(asked, BOB, true);
        assertThat(code(pay(asker, E, "A", 20))).isEqualTo(WAITS);
        assertThat(use(pay(asker, E, "A", 10))).isNull();

        Asker both = new Asker("quorum: 2", "");
        TaskOutcome.Asked other = asked(both, E, "A", 10);
        both.offer(other, ALICE);
        both.offer(other, BOB);
        assertThat(use(pay(both, E, "A", 20)).used()).isEqualTo(1);
    }

    @Test
    void offer_approved_endsOpenRequestsThatItCovers() {
        Asker asker = new Asker("pending: 2", "");
        TaskOutcome.Asked first = asked(asker, E, "A", 10);
        TaskOutcome.Asked second = asked(asker, E, "A", 20);
        asker.offer(first, ALICE);
        assertThat(use(pay(asker, E, "A", 20)).used()).isEqualTo(1);
        assertThat(asker.look(second).request()).isNull();
        assertThat(asker.look(first).request().state()).isEqualTo(ApprovalRequest.State.APPROVED);
        // The approved offer takes no place of the requests that wait.
        asked(asker, E, "B", 1);
        asked(asker, E, "C", 1);
    }

    @Test
    void offer_anotherLeaf_isNotCovered() {
        Asker asker = new Asker("", "delegation: {max-depth: 1}");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        assertThat(code(pay(asker, E, "A", 10, List.of(ROOT, CHILD)))).isEqualTo(WAITS);
    }

    @Test
    void offer_callThatWasNotSent_isGivenBack() {
        Asker asker = new Asker("", "");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        assertThat(asker.ask(E, "b", pays("A", 1), List.of(ROOT))).isInstanceOf(Permitted.class);
        asker.apply(new TaskStep.GiveBack(asker.lastDecision(), List.of(ROOT), 1));
        for (int used = 1; used <= 3; used++) {
            assertThat(use(pay(asker, E, "A", used)).used()).isEqualTo(used);
        }
        asker.apply(new TaskStep.GiveBack(asker.lastDecision(), List.of(ROOT), 1));
        assertThat(code(pay(asker, E, "A", 4))).isEqualTo("Permitted");
        assertThat(code(pay(asker, E, "A", 5))).isEqualTo(WAITS);
    }

    @Test
    void offer_countThatRose_growsByItsOwnCallsOnly() {
        String rule = "rules: [{sum: x:e, of: amount, at-most: 100, same: [account], on-violation: ask}]";
        Asker own = new Asker("", rule);
        own.offer(asked(own, E, "A", 150), ALICE);
        // The first call does not pass the bound, and raises the count all the same.
        assertThat(use(pay(own, E, "A", 60)).used()).isEqualTo(1);
        assertThat(use(pay(own, E, "A", 150)).used()).isEqualTo(2);
        assertThat(use(pay(own, E, "A", 150)).used()).isEqualTo(3);

        Asker other = new Asker("", "delegation: {max-depth: 1}\n" + rule);
        other.offer(asked(other, E, "A", 150), ALICE);
        TaskOutcome.Denied child = (TaskOutcome.Denied) pay(other, E, "A", 5, List.of(ROOT, CHILD));
        other.decide(child.asked(), ALICE, true);
        assertThat(code(pay(other, E, "A", 5, List.of(ROOT, CHILD)))).isEqualTo("Permitted");
        assertThat(code(pay(other, E, "A", 150))).isEqualTo(WAITS);
        assertThat(use(pay(other, E, "A", 60)).used()).isEqualTo(1);
    }

    @Test
    void offer_objectionThatWasNotShown_isNotCovered() {
        Asker asker = new Asker("", "rules: [{bounded: x:e, at-most: 1, on-violation: ask}]");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        assertThat(use(pay(asker, E, "A", 10)).used()).isEqualTo(1);
        TaskOutcome.Asked more = asked(asker, E, "A", 20);
        assertThat(more.request().objected()).hasSize(2);
        asker.offer(more, ALICE);
        assertThat(use(pay(asker, E, "A", 20)).used()).isEqualTo(1);
        assertThat(use(pay(asker, E, "A", 20)).used()).isEqualTo(2);
    }

    @Test
    void offer_planThatMoves_staysUnlessThePlanObjects() {
        String plan = "on-violation: {sequence: ask}\nsequence: [x:a, x:b]";
        Asker asker = new Asker("", plan);
        TaskOutcome.Asked outside = asked(asker, E, "A", 10);
        assertThat(outside.request().objected().get(0).code()).isEqualTo("sequence-violation");
        asker.offer(outside, ALICE);
        assertThat(use(pay(asker, E, "A", 20)).used()).isEqualTo(1);
        assertThat(asker.ask("x:a", "b")).isInstanceOf(Permitted.class);
        asker.settleLast(true);
        assertThat(code(pay(asker, E, "A", 30))).isEqualTo(WAITS);

        Asker inPlan = new Asker("", "sequence: [{repeat: [x:e], times: 3}, x:a]");
        inPlan.offer(asked(inPlan, E, "A", 10), ALICE);
        assertThat(use(pay(inPlan, E, "A", 10)).used()).isEqualTo(1);
        assertThat(use(pay(inPlan, E, "A", 20)).used()).isEqualTo(2);
        assertThat(use(pay(inPlan, E, "A", 30)).used()).isEqualTo(3);
    }

    @Test
    void offer_untrustedContent_endsIt() {
        Asker asker = new Asker("", "flow: enforce");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        OperationCall read =
                new OperationCall(new Operation("x:a", Effect.READ, true, false), "r", JsonObject.EMPTY, false);
        TaskStep.Call call = asker.call("x:a", List.of(ROOT));
        assertThat(asker.apply(new TaskStep.Call(call.decision(), call.chain(), call.proof(), List.of(read), true, 0)))
                .isInstanceOf(Permitted.class);
        assertThat(code(pay(asker, E, "A", 10))).isEqualTo(WAITS);
    }

    @Test
    void offer_time_isThatOfTheRequestOrOfTheTask() {
        Asker asker = new Asker("within: 60s", "");
        asker.offer(asked(asker, E, "A", 10), ALICE);
        asker.offer(asked(asker, F, "A", 10), ALICE);
        asker.now += 61_000;
        assertThat(code(pay(asker, E, "A", 10))).isEqualTo(WAITS);
        assertThat(use(pay(asker, F, "A", 10)).used()).isEqualTo(1);
        assertThat(use(pay(asker, F, "A", 20)).used()).isEqualTo(2);
    }

    @Test
    void offer_callWithoutAFixedValue_asksAboutItAlone() {
        Asker asker = new Asker("", "");
        assertThat(asker.asked(E, "b").request().offer()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void terms_effect_neverDeleteOrAdmin(Effect effect) {
        boolean never = effect == Effect.DELETE || effect == Effect.ADMIN || effect == Effect.UNREVIEWED;
        OperationCall call = new OperationCall(new Operation(E, effect, false, false), "r", pays("A", 1), false);
        Asker asker = new Asker("", "");
        assertThat(asker.policy.ask().always().offer(List.of(call)))
                .isEqualTo(never ? null : new Offer.Terms(3, List.of("account"), false));
    }
}
