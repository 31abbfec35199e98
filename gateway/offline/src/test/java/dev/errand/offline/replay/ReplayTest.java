package dev.errand.offline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.replay.Redecision.Kind;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReplayTest {
    private static final Replay REPLAY = new Replay(new Policies("", Map.of(), Map.of()), false);

    @Test
    void of_ordinaryRun_nothingDiffers() {
        assertThat(kinds(run(), template(""))).containsOnly(Kind.SAME);
    }

    @Test
    void of_anotherResourceGranted_permittedCallIsRefused() {
        Recorded log = run().call("t-1", "vault:kv.read", "secret/billing/db", 200);

        List<Redecision> decisions = decide(log, template(""));

        assertThat(decisions.get(3).kind()).isEqualTo(Kind.DIFFERS);
        assertThat(decisions.get(3).code()).isEqualTo("constraint-violated");
        assertThat(decisions.get(3).refusesPermitted()).isTrue();
    }

    @Test
    void of_planThatForbidsTheOrder_violationInterruptsAndTheRestIsOver() {
        List<Redecision> decisions = decide(run(), template("sequence: [ci:run, {vault:kv.read: 2}]\n"));

        assertThat(decisions)
                .extracting(Redecision::code)
                .containsExactly("sequence-violation", "task-ended", "task-ended");
    }

    @Test
    void of_observedCallOfATaskThatWouldBeOver_isRefusedByTheSameTemplate() {
        Template same = template("");
        Recorded log = new Recorded(same.revision());
        log.observed("interrupt", false)
                .decide("t-1", "vault:kv.read", "secret/pay/a", Map.of(), true, "rule-violation", "rule:0", 0);
        log.observed(null, true).call("t-1", "vault:kv.read", "secret/pay/a", 200);

        List<Redecision> decisions = decide(log, same);

        assertThat(decisions).extracting(Redecision::code).containsExactly(null, "task-ended");
        assertThat(decisions.get(0).toJson().object("recorded").string("reaction"))
                .isEqualTo("interrupt");
        assertThat(decisions.get(1).toText()).contains("permit over -> deny task-ended");
    }

    @Test
    void of_failedStep_opensNothing() {
        Recorded log = new Recorded("r")
                .call("t-1", "vault:kv.read", "secret/pay/a", 500)
                .call("t-1", "ci:run", "pay", 200);

        assertThat(decide(log, template("sequence: [vault:kv.read, ci:run]\n")))
                .extracting(Redecision::code)
                .containsExactly(null, "sequence-violation");
    }

    @Test
    void of_writeThatWasNeverAnswered_opensWhatItOpensOnlyOnceAnOperatorSaysSo() {
        Template plan = template("sequence: [ci:run, {vault:kv.read: 1..3}]\n");
        Recorded log = new Recorded("r");
        String write = log.decide("t-1", "ci:run", "pay", Map.of(), true, null, null, 0);
        log.outcome(write, null)
                .call("t-1", "vault:kv.read", "secret/pay/a", 200)
                .call("t-1", "vault:kv.read", "secret/pay/a", 200)
                .known("t-1", write, true)
                .call("t-1", "vault:kv.read", "secret/pay/a", 200);

        List<Redecision> decisions = decide(log, plan);

        assertThat(decisions)
                .extracting(Redecision::code)
                .as("it never interrupts")
                .containsExactly(null, "sequence-violation", "sequence-violation", null);
        assertThat(decisions.get(1).why()).contains("the outcome of `" + write + "` is unknown");
    }

    @Test
    void of_stepThatCountsWhenSent_opensTheNextBehindItsPermit() {
        Recorded log = new Recorded("r");
        String write = log.decide("t-1", "ci:run", "pay", Map.of(), true, null, null, 0);
        log.after(2_000).call("t-1", "vault:kv.read", "secret/pay/a", 200).after(2_000);
        log.outcome(write, 200);

        assertThat(kinds(log, template("sequence: [ci:run: {outcome: sent}, vault:kv.read]\n")))
                .containsOnly(Kind.SAME);
    }

    @Test
    void of_smallerBudget_theLastCallIsRefused() {
        List<Redecision> decisions = decide(run(), template("limits: {calls: 2}\n"));

        assertThat(decisions).extracting(Redecision::code).containsExactly(null, null, "budget-exhausted");
    }

    @Test
    void of_rateWithinTheClocksUncertainty_recordIsBelieved() {
        Recorded log = new Recorded("r")
                .call("t-1", "vault:kv.read", "secret/pay/a", 200)
                .after(900)
                .call("t-1", "vault:kv.read", "secret/pay/a", 200);
        Template once = template("limits: {task: [{capacity: 1, per: 1s}]}\n");

        assertThat(kinds(log, once)).containsOnly(Kind.SAME);
    }

    @Test
    void of_rateClearlyExceeded_differs() {
        Template once = template("limits: {task: [{capacity: 1, per: 10s}]}\n");

        assertThat(decide(run(), once))
                .extracting(Redecision::code)
                .containsExactly(null, "rate-exceeded", "rate-exceeded");
    }

    @Test
    void of_unrecordedArguments_areNotGuessed() {
        Recorded log = run();
        log.decide("t-1", "vault:kv.read", "secret/pay/a", Map.of("version", "2"), true, null, null, 0);
        Template versions = template(
                "", "{resource: {path_containment: \"secret/{service}\"}, version: {exact: \"2\", optional: true}}");

        List<Redecision> decisions = decide(log, versions);

        assertThat(decisions.get(3).kind()).isEqualTo(Kind.NOT_REDECIDABLE);
        assertThat(decisions.get(3).toText()).contains("not re-decidable: arguments of vault:kv.read");
    }

    @Test
    void of_unrecordedArgumentsOutsideTheResource_areRefusedAllTheSame() {
        Recorded log = run();
        log.decide("t-1", "vault:kv.read", "secret/other/a", Map.of("version", "2"), true, null, null, 0);

        assertThat(decide(log, template("")).get(3).code()).isEqualTo("constraint-violated");
    }

    @Test
    void of_refusalByAChildsOwnGrant_staysWhatItWas() {
        Recorded log = run();
        log.decide("t-1", "vault:kv.read", "secret/pay/a", Map.of(), false, "not-granted", "6b", 1);

        assertThat(decide(log, template("delegation: {max-depth: 1}\n")).get(3).toText())
                .contains("not re-decidable: a child's own grant");
    }

    @Test
    void of_deniedCallThatTheTemplatePermits_differs() {
        Recorded log = run().denied("t-1", "vault:kv.read", "secret/pay/z", DenyReason.BUDGET_EXHAUSTED, "limits");

        Redecision last = decide(log, template("limits: {calls: 100}\n")).get(3);

        assertThat(last.kind()).isEqualTo(Kind.DIFFERS);
        assertThat(last.permit()).isTrue();
        assertThat(last.refusesPermitted()).isFalse();
    }

    @Test
    void of_chainDeeperThanTheTemplateAllows_differs() {
        Recorded log = run();
        log.decide("t-1", "vault:kv.read", "secret/pay/a", Map.of(), true, null, null, 2);

        assertThat(decide(log, template("delegation: {max-depth: 1}\n")).get(3).code())
                .isEqualTo("invalid-token");
    }

    @Test
    void of_endedFromOutside_isCarried() {
        Recorded log = run().denied("t-1", "vault:kv.read", "secret/pay/a", DenyReason.TASK_ENDED, null)
                .denied("t-1", "vault:kv.read", "secret/pay/a", DenyReason.TASK_ENDED, null);

        assertThat(kinds(log, template("")).subList(3, 5)).containsExactly(Kind.NOT_REDECIDABLE, Kind.SAME);
    }

    @Test
    void of_agentThatTheTemplateDoesNotName_couldNotStart() {
        Template others = new TemplateParser()
                .parse(template("").text().replace("agent/*", "agent/b"))
                .orElseThrow();

        assertThat(decide(run(), others)).extracting(Redecision::code).containsOnly("unauthorized_client");
    }

    /** By what was permitted alone the service would be `other`, which one more call shows. */
    @Test
    void of_aStartThatIsRecorded_parametersAreTheStarts() {
        Recorded calls = new Recorded("r")
                .call("t-1", "vault:kv.read", "secret/other/a", 200)
                .call("t-1", "vault:kv.read", "secret/other/b", 200)
                .call("t-1", "ci:run", "pay", 201);
        assertThat(decide(calls, template(""))).extracting(Redecision::code).endsWith("constraint-violated");

        Recorded log = new Recorded("r")
                .start("t-1", Map.of("service", "pay"))
                .call("t-1", "vault:kv.read", "secret/other/a", 200)
                .call("t-1", "vault:kv.read", "secret/other/b", 200)
                .call("t-1", "ci:run", "pay", 201);

        assertThat(decide(log, template("")))
                .extracting(Redecision::code)
                .containsExactly("constraint-violated", "constraint-violated", null);
    }

    @Test
    void of_aStartOffTheTemplatesPattern_nothingCouldStart() {
        Recorded log = new Recorded("r")
                .start("t-1", Map.of("service", "PAY"))
                .call("t-1", "vault:kv.read", "secret/PAY/a", 200);

        Redecision refused = decide(log, template("")).get(0);

        assertThat(refused.kind()).isEqualTo(Kind.DIFFERS);
        assertThat(refused.toText()).contains("no such value of the parameter 'service': the task could not start");
    }

    @Test
    void of_aTaskThatAnOperatorEnded_theRestIsOver() {
        Recorded log = run().endedByOperator("t-1").denied("t-1", "ci:run", "pay", DenyReason.TASK_ENDED, null);

        assertThat(kinds(log, template(""))).containsOnly(Kind.SAME);
    }

    private static final String REPEATED = """
            limits: {operations: {vault:kv.read: [{capacity: 1, per: 1000s}]}}
            on-violation: {limit: throttle, repeated: {denials: 2, within: 60s, then: interrupt}}
            """;

    /** The second refusal counted with the first one by the store's clock, and by the recorded times it did not; or the reverse. */
    @Test
    void of_repeatedDenialsWithinTheClocksUncertainty_theRecordSaysWhichOneInterrupted() {
        Template same = template(REPEATED);
        for (long millis : new long[] {1_995, 1_760, 2_005, 2_240}) {
            Recorded early = new Recorded(same.revision()).call("t-1", "vault:kv.read", "secret/pay/a", 200);
            throttled(early, "throttle", 1);
            throttled(early, "throttle", millis);
            throttled(early, "interrupt", 1);
            over(early, 1);

            assertThat(kinds(early, same)).as(millis + " ms").containsOnly(Kind.SAME);
        }
    }

    /** With other templates the record is believed only where the clocks may have decided. */
    @Test
    void of_repeatedDenialsClearlyApart_anotherTemplateInterrupts() {
        Recorded log = new Recorded("r").call("t-1", "vault:kv.read", "secret/pay/a", 200);
        throttled(log, "throttle", 1);
        throttled(log, "throttle", 2_300);
        throttled(log, "throttle", 1);

        assertThat(decide(log, template(REPEATED)))
                .extracting(Redecision::code)
                .containsExactly(null, "rate-exceeded", "rate-exceeded", "task-ended");
    }

    /** A refusal of a proof that was refused before does not count, and no record tells which proof a call had. */
    @Test
    void of_repeatedDenialsThatDidNotInterrupt_theSameTemplateDoesNotInterruptNow() {
        Template same = template(REPEATED);
        Recorded log = new Recorded(same.revision()).call("t-1", "vault:kv.read", "secret/pay/a", 200);
        throttled(log, "throttle", 1);
        throttled(log, "throttle", 5_000);
        throttled(log, "interrupt", 5_000);
        over(log, 1);

        assertThat(kinds(log, same)).containsOnly(Kind.SAME);
    }

    /** Calls at the same time: their records are in another order than their steps. */
    @Test
    void of_callsRecordedJustAfterTheEndThatTheyCameBefore_nothingDiffers() {
        Template same = template(REPEATED);
        Recorded log = new Recorded(same.revision()).call("t-1", "vault:kv.read", "secret/pay/a", 200);
        throttled(log, "throttle", 1);
        over(log, 3_000);
        throttled(log, "interrupt", 1);
        over(log, 1);
        log.call("t-1", "ci:run", "pay", 200).call("t-1", "ci:run", "pay", 200);

        assertThat(decide(log, same))
                .extracting(one -> one.recorded().decision() + " " + one.kind())
                .containsExactly("d-1 SAME", "d-2 SAME", "d-6 SAME", "d-7 SAME", "d-4 SAME", "d-3 SAME", "d-5 SAME");

        Recorded ended = run().endedByOperator("t-1").call("t-1", "vault:kv.read", "secret/pay/a", 200);
        assertThat(kinds(ended, template(""))).containsOnly(Kind.SAME);
        Recorded later = run().endedByOperator("t-1").after(300).call("t-1", "vault:kv.read", "secret/pay/a", 200);
        assertThat(decide(later, template(""))).extracting(Redecision::code).endsWith("task-ended");
    }

    /** A cut of the whole task ends the holders beside and above the one whose call led to it; a cut of its token does not. */
    @Test
    void of_callOfAnotherHolderJustAfterACut_isBeforeItOnlyIfTheTaskEnded() {
        String now =
                "on-violation: {limit: interrupt}\nlimits: {operations: {ci:run: [{capacity: 1, per: 1s}]}}\ndelegation: {max-depth: 1}\ncut: ";
        for (String cut : List.of("task\n", "subtree\n")) {
            Template same = template(now + cut);
            Recorded log = new Recorded(same.revision()).call("t-1", "ci:run", "pay", 200);
            log.after(700)
                    .observed("interrupt", false)
                    .decide("t-1", "ci:run", "pay", Map.of(), false, "rate-exceeded", "limits", 1);
            log.after(240).call("t-1", "ci:run", "pay", 200);

            assertThat(decide(log, same))
                    .extracting(one -> one.recorded().decision() + " " + one.kind())
                    .as(cut)
                    .containsExactlyElementsOf(
                            cut.startsWith("task")
                                    ? List.of("d-1 SAME", "d-3 SAME", "d-2 SAME")
                                    : List.of("d-1 SAME", "d-2 SAME", "d-3 SAME"));
        }
    }

    /** What a cut of another revision ended is unknown: its token is over for certain, another one need not be. */
    @Test
    void of_callJustAfterACutByAnotherRevision_isJudgedAfterIt() {
        String limits =
                "on-violation: {limit: interrupt}\nlimits: {operations: {ci:run: [{capacity: %d, per: 1s}]}}\ndelegation: {max-depth: 1}\ncut: %s\n";
        Template recorded = template(limits.formatted(1, "subtree"));
        Recorded log = new Recorded(recorded.revision()).call("t-1", "ci:run", "pay", 200);
        log.after(700)
                .observed("interrupt", false)
                .decide("t-1", "ci:run", "pay", Map.of(), false, "rate-exceeded", "limits", 1);
        log.after(240).call("t-1", "ci:run", "pay", 200);

        assertThat(decide(log, template(limits.formatted(2, "task"))))
                .extracting(one -> one.recorded().decision())
                .containsExactly("d-1", "d-2", "d-3");
    }

    @Test
    @Timeout(30)
    void of_manyEndsAtOneTime_isOverSoon() {
        Template same = template(REPEATED);
        Recorded log = new Recorded(same.revision());
        for (int i = 0; i < 40_000; i++) {
            log.after(-1)
                    .observed("interrupt", false)
                    .denied("t-1", "ci:run", "pay", DenyReason.RATE_EXCEEDED, "limits");
        }
        assertThat(decide(log, same)).hasSize(40_000);
    }

    private static void throttled(Recorded log, String reaction, long afterMillis) {
        log.after(afterMillis - 1)
                .observed(reaction, false)
                .denied("t-1", "vault:kv.read", "secret/pay/a", DenyReason.RATE_EXCEEDED, "limits");
    }

    private static void over(Recorded log, long afterMillis) {
        log.after(afterMillis - 1).denied("t-1", "vault:kv.read", "secret/pay/a", DenyReason.TASK_ENDED, null);
    }

    private static Recorded refunds(String task, String first, @Nullable String second) throws MalformedJsonException {
        Recorded log = new Recorded("r");
        for (String state : Arrays.asList(first, second)) {
            JsonObject said = state == null ? null : new JsonObject(Map.of("state", Json.parse(state)));
            log.answered(task, "vault:kv.read", JsonObject.EMPTY, said)
                    .answered(task, "ci:run", JsonObject.EMPTY, null);
        }
        return log;
    }

    /** Recorded values decide rules over answers. After an answer whose value the log lacks, nothing is decided. */
    @Test
    void of_aRuleOverAnswers_recordedValuesDecide() throws Exception {
        Template rule = template("""
                rules: [{when: ci:run, answered: vault:kv.read, where: {state: {exact: open}}}]
                on-violation: {rule: deny}
                """, "{}", "{}");
        assertThat(decide(refunds("t-1", "\"open\"", "\"open\""), rule))
                .extracting(Redecision::kind)
                .containsOnly(Kind.SAME);
        assertThat(decide(refunds("t-1", "\"open\"", "null"), rule))
                .extracting(Redecision::code)
                .containsExactly(null, null, null, "rule-violation");
        assertThat(decide(refunds("t-1", "\"shut\"", "\"open\""), rule))
                .extracting(Redecision::code)
                .containsExactly(null, "rule-violation", null, null);
        assertThat(decide(refunds("t-1", "\"open\"", null), rule))
                .extracting(Redecision::kind)
                .containsExactly(Kind.SAME, Kind.SAME, Kind.SAME, Kind.NOT_REDECIDABLE);
    }

    private static Recorded run() {
        return new Recorded("r")
                .call("t-1", "vault:kv.read", "secret/pay/a", 200)
                .call("t-1", "vault:kv.read", "secret/pay/b", 200)
                .call("t-1", "ci:run", "pay", 201);
    }

    private static List<Redecision> decide(Recorded log, Template template) {
        return REPLAY.of(log.tasks().get(0), template);
    }

    private static List<Kind> kinds(Recorded log, Template template) {
        return decide(log, template).stream().map(Redecision::kind).toList();
    }

    private static Template template(String more) {
        return template(more, "{resource: {path_containment: \"secret/{service}\"}}");
    }

    private static Template template(String more, String read) {
        return template(more, read, "{resource: {exact: \"{service}\"}}");
    }

    private static Template template(String more, String read, String run) {
        return new TemplateParser().parse("""
                template: t
                agents: ["spiffe://example.org/agent/*"]
                humans: {issuer: "https://idp.example.org"}
                parameters: {service: "[a-z]+"}
                allow:
                  vault:kv.read: %s
                  ci:run: %s
                """.formatted(read, run) + more).orElseThrow();
    }
}
