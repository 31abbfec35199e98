package dev.errand.task.step;

import static dev.errand.task.step.Asker.ALICE;
import static dev.errand.task.step.Asker.ROOT;
import static dev.errand.task.step.Asker.code;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.sequence.UnknownOutcome;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Done;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Writes whose outcome is unknown: what a template does about what depends on them. */
class UnknownOutcomeTest {
    private static final String INTERRUPTS = """
            sequence: [x:a, x:b: 0..*]
            interleave: [x:c]
            rules: [{precedence: x:a, before: x:c}]
            on-violation: {repeated: {denials: 2, within: 60s, then: interrupt}}
            """;

    /** The decision of a call of {@code x:a} that was sent and is not answered. */
    private static String unanswered(Asker asker) {
        TaskStep.Call call = asker.call("x:a", List.of(ROOT));
        assertThat(asker.apply(call)).isInstanceOf(Permitted.class);
        asker.apply(new TaskStep.Unanswered(call.decision(), true));
        return call.decision();
    }

    private static Settlement.Verdict know(Asker asker, String decision, boolean happened) {
        return ((TaskOutcome.Settlement) asker.apply(new TaskStep.Know(decision, happened))).verdict();
    }

    @Test
    void what_dependsOnIt_isDeniedAndNeverInterrupts() {
        Asker asker = new Asker("", INTERRUPTS);
        String decision = unanswered(asker);
        for (int i = 0; i < 5; i++) {
            for (String operation : List.of("x:a", "x:b", "x:c")) {
                Denied denied = (Denied) asker.apply(asker.call(operation, List.of(ROOT)));
                Denial denial = denied.denial();
                assertThat(denial.reason().code())
                        .isEqualTo(operation.equals("x:c") ? "rule-violation" : "sequence-violation");
                assertThat(denial.step()).isEqualTo(operation.equals("x:c") ? "rule" : "sequence");
                assertThat(denial.rule()).startsWith("t.yaml:");
                assertThat(denial.unknown()).containsExactly(decision);
                assertThat(denied.ending()).isNull();
                assertThat(denied.progress().reaction()).isEqualTo(TaskPolicy.Reaction.DENY);
                assertThat(denied.progress().before()).isEqualTo("0+1 unknown");
            }
        }
        Done looked = (Done) asker.apply(new TaskStep.Look());
        assertThat(looked.unknown()).containsExactly(new UnknownOutcome(decision, List.of("x:a"), asker.now));
        assertThat(know(asker, decision, true)).isEqualTo(Settlement.Verdict.SETTLED);
        assertThat(know(asker, decision, true)).isEqualTo(Settlement.Verdict.REPEATED);
        assertThat(know(asker, decision, false)).isEqualTo(Settlement.Verdict.CONFLICT);
        assertThat(asker.apply(asker.call("x:c", List.of(ROOT)))).isInstanceOf(Permitted.class);
        assertThat(((Denied) asker.apply(asker.call("x:a", List.of(ROOT)))).ending())
                .as("now it is known, and a violation")
                .isNotNull();
        assertThat(know(asker, decision, true)).as("the task is over").isEqualTo(Settlement.Verdict.NO_SUCH);
    }

    @Test
    void place_withoutAnOutcome_isUnknownToWhoeverMeetsIt() {
        Asker asker = new Asker("", INTERRUPTS);
        TaskStep.Call call = asker.call("x:a", List.of(ROOT));
        asker.apply(call);
        assertThat(((Denied) asker.apply(asker.call("x:b", List.of(ROOT))))
                        .denial()
                        .step())
                .isEqualTo("pending");
        assertThat(know(asker, call.decision(), true)).isEqualTo(Settlement.Verdict.IN_FLIGHT);
        asker.now += 60_000;
        assertThat(((Done) asker.apply(new TaskStep.Look())).progress().after()).isEqualTo("0+1 unknown");
        assertThat(((Denied) asker.apply(asker.call("x:b", List.of(ROOT))))
                        .denial()
                        .unknown())
                .containsExactly(call.decision());
        asker.apply(new TaskStep.Settle(call.decision(), true));
        assertThat(asker.apply(asker.call("x:b", List.of(ROOT))))
                .as("an answer that came late")
                .isInstanceOf(Permitted.class);
    }

    @Test
    void answer_thatComesLateAndContradictsAnOperator_isToldAndChangesNothing() {
        Asker asker = new Asker("", INTERRUPTS);
        String decision = unanswered(asker);
        know(asker, decision, false);
        assertThat(asker.apply(new TaskStep.Settle(decision, true)))
                .isEqualTo(new TaskOutcome.Settlement(Settlement.Verdict.CONFLICT));
        assertThat(asker.apply(new TaskStep.Settle(decision, false))).isInstanceOf(Done.class);
        assertThat(((Done) asker.apply(new TaskStep.Look())).progress().after()).isEqualTo("0");
        String again = unanswered(asker);
        know(asker, again, true);
        assertThat(asker.apply(new TaskStep.Settle(again, false)))
                .isEqualTo(new TaskOutcome.Settlement(Settlement.Verdict.CONFLICT));
    }

    @Test
    void template_thatAsks_asksAHuman() {
        Asker asker = new Asker("", "sequence: [x:a, x:b]\non-violation: {sequence: ask, rule: ask}");
        String decision = unanswered(asker);
        TaskOutcome outcome = asker.ask("x:b", "1");
        Denied denied = (Denied) outcome;
        assertThat(code(outcome)).isEqualTo("approval-required");
        assertThat(denied.denial().detail()).contains("the outcome of `" + decision + "` is unknown");
        assertThat(denied.denial().unknown()).containsExactly(decision);
        asker.decide(denied.asked(), ALICE, true);
        Permitted passed = (Permitted) asker.ask("x:b", "1");
        assertThat(passed.approval().by()).containsExactly(ALICE);
        assertThat(passed.progress().after()).as("it takes its place").isEqualTo("0+1 in flight+1 unknown");
    }

    /** Asks, approves, and makes the call. */
    private static Permitted approved(Asker asker, String operation, String body) {
        asker.decide(asker.asked(operation, body), ALICE, true);
        Permitted passed = (Permitted) asker.ask(operation, body);
        assertThat(passed.approval()).isNotNull();
        return passed;
    }

    @Test
    void approvedCall_takesItsPlaceInThePlanIfTheUnknownCallHappened() {
        for (boolean answeredFirst : List.of(true, false)) {
            Asker asker = new Asker("", "sequence: [x:a, x:b, x:c]\non-violation: {sequence: ask}");
            String unknown = unanswered(asker);
            approved(asker, "x:b", "1");
            String decision = asker.lastDecision();
            if (answeredFirst) {
                asker.apply(new TaskStep.Settle(decision, true));
                know(asker, unknown, true);
            } else {
                know(asker, unknown, true);
                asker.apply(new TaskStep.Settle(decision, true));
            }
            assertThat(((Done) asker.apply(new TaskStep.Look())).progress().after())
                    .isEqualTo("2");
            assertThat(code(asker.ask("x:b", "2"))).as("the place is used up").isEqualTo("approval-required");
            assertThat(asker.ask("x:c", "1")).isInstanceOf(Permitted.class);
        }
    }

    @Test
    void approvedCall_movesNothingIfTheUnknownCallFailed() {
        Asker asker = new Asker("", "sequence: [x:a, x:b]\non-violation: {sequence: ask}");
        String unknown = unanswered(asker);
        approved(asker, "x:b", "1");
        asker.settleLast(true);
        know(asker, unknown, false);
        assertThat(((Done) asker.apply(new TaskStep.Look())).progress().after()).isEqualTo("0");
        assertThat(asker.apply(asker.call("x:a", List.of(ROOT)))).isInstanceOf(Permitted.class);
    }

    @Test
    void approvedCall_owesWhatTheRuleLetsHappenOnce() {
        for (boolean happened : List.of(true, false)) {
            for (String within : List.of("", ", within: 10m")) {
                Asker asker = new Asker(
                        "",
                        "rules: [{precedence: x:a, before: x:b, once: true" + within + "}]\non-violation: {rule: ask}");
                String unknown = unanswered(asker);
                approved(asker, "x:b", "1");
                Denied more = (Denied) asker.ask("x:b", "2");
                assertThat(more.denial().unknown())
                        .as("whatever it came to, it is used up")
                        .isEmpty();
                know(asker, unknown, happened);
                assertThat(code(asker.ask("x:b", "3"))).isEqualTo("approval-required");
                TaskStep.Call paid = asker.call("x:a", List.of(ROOT));
                asker.apply(paid);
                asker.apply(new TaskStep.Settle(paid.decision(), true));
                assertThat(code(asker.ask("x:b", "4")))
                        .as("happened: %s", happened)
                        .isEqualTo(happened ? "Permitted" : "approval-required");
            }
        }
    }

    @Test
    void approvedCallOfWhichNoByteWasSent_owesNothing() {
        for (boolean paid : List.of(true, false)) {
            Asker asker =
                    new Asker("", "rules: [{precedence: x:a, before: x:b, once: true}]\non-violation: {rule: ask}");
            String unknown = unanswered(asker);
            approved(asker, "x:b", "1");
            if (paid) {
                know(asker, unknown, true);
            }
            asker.apply(new TaskStep.GiveBack(asker.lastDecision(), List.of(ROOT), 1));
            if (!paid) {
                know(asker, unknown, true);
            }
            assertThat(asker.ask("x:b", "2")).isInstanceOf(Permitted.class);
        }
    }

    @Test
    void template_thatAsksAndCannot_deniesWithoutCounting() {
        Asker asker = new Asker(
                "pending: 1",
                "sequence: [x:a, x:b]\non-violation: {sequence: ask, repeated: {denials: 2, within: 60s, then: interrupt}}");
        String decision = unanswered(asker);
        asker.asked("x:b", "1");
        for (int i = 0; i < 4; i++) {
            Denied denied = (Denied) asker.ask("x:b", "2");
            assertThat(denied.denial().reason().code()).isEqualTo("sequence-violation");
            assertThat(denied.denial().unknown()).containsExactly(decision);
            assertThat(denied.ending()).isNull();
        }
    }

    @Test
    void fullState_isNeverAskedAbout() {
        Asker asker = new Asker("", "sequence: [x:a: 0..300, x:b]\non-violation: {sequence: ask}");
        for (int i = 0; i < 256; i++) {
            unanswered(asker);
        }
        TaskStep.Call call = asker.call("x:a", List.of(ROOT));
        Denied denied =
                (Denied) asker.apply(call.asking(Asker.asking("x:a", ROOT.id(), "1", ApprovalQuestion.Limit.ADMITTED)));
        assertThat(denied.denial().reason().code()).isEqualTo("sequence-violation");
        assertThat(denied.denial().unknown()).hasSize(16);
        assertThat(denied.denial().isFull()).isTrue();
        assertThat(denied.asked()).isNull();
    }

    @Test
    void observedTask_saysWhatItWouldHaveRefused() {
        Asker asker = new Asker("", INTERRUPTS);
        asker.policy = Asker.policy("", INTERRUPTS, true);
        String decision = unanswered(asker);
        Permitted observed = (Permitted) asker.apply(asker.call("x:b", List.of(ROOT)));
        assertThat(observed.observed())
                .singleElement()
                .satisfies(denial -> assertThat(denial.unknown()).containsExactly(decision));
        assertThat(observed.progress().reaction()).isEqualTo(TaskPolicy.Reaction.DENY);
        assertThat(observed.progress().over()).isFalse();
    }

    @Test
    void candidate_isToldToo() {
        String looser = "sequence: [x:a: {outcome: sent}, x:b]";
        Asker asker = new Asker("", looser);
        TaskPolicy candidate = Asker.policy("", "sequence: [x:a, x:b: 0..*]", false);
        asker.policy = asker.policy.beside(candidate);
        TaskStep.Call call = asker.call("x:a", List.of(ROOT));
        Permitted permitted = (Permitted) asker.apply(call);
        assertThat(permitted.awaitedByAll()).isEqualTo(Awaited.SENDING_AT_ONCE);
        asker.apply(new TaskStep.Sent(call.decision()));
        asker.apply(new TaskStep.Unanswered(call.decision(), true));
        Permitted next = (Permitted) asker.apply(asker.call("x:b", List.of(ROOT)));
        assertThat(next.progress().candidate().permit()).isFalse();
        assertThat(next.progress().candidate().objection().unknown()).containsExactly(call.decision());
    }

    @Test
    void word_ofAnOperator_reachesTheCandidate() {
        Asker asker = new Asker("", "sequence: [x:a, x:b: 0..*]");
        asker.policy = asker.policy.beside(Asker.policy("", "sequence: [x:a, x:b: 0..9]", false));
        String decision = unanswered(asker);
        know(asker, decision, true);
        Permitted next = (Permitted) asker.apply(asker.call("x:b", List.of(ROOT)));
        assertThat(next.progress().candidate().permit()).isTrue();
    }
}
