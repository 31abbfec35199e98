package dev.errand.task.step;

import dev.errand.bytes.Sha256;
import dev.errand.denial.DenyReason;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.approval.ApprovalRequest;
import dev.errand.task.approval.ApprovalRequest.State;
import dev.errand.task.approval.Approvals;
import dev.errand.task.approval.AskPolicy;
import dev.errand.task.approval.Asking;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides about a call against which only objections with the reaction {@code ask} stand: uses an earlier decision of
 * humans, or opens a request. Of the working copy it changes only the requests. Used within one step.
 *
 * @param at the state of plan, rules and flow
 * @param trusted whether the task is still trusted after flow
 * @param objections the objections; empty if humans are always asked about the operation
 */
record AskStep(Ledger ledger, AskPolicy ask, TaskStep.Call call, String at, boolean trusted, List<Refusal> objections) {
    private static final int MAX_WHY = 8;

    /** The outcome of the call. */
    sealed interface Answer {
        /** The call's question, or the answer of the request limit, is not known yet. */
        record Unasked(Refusal objection) implements Answer {}

        /** The call passes with this approved request, which is used up. */
        record Passes(ApprovalRequest request) implements Answer {}

        /** The call waits for people. */
        record Waits(Refusal why, ApprovalRequest request, boolean opened) implements Answer {}

        /** The call is refused, by a human or because nobody can be asked. */
        record Objects(Refusal why) implements Answer {}
    }

    Answer answer() {
        Asking asking = call.asking();
        if (asking == null) {
            return new Answer.Unasked(objection());
        }
        Approvals approvals = ledger.approvals();
        if (!approvals.requests().isEmpty() && approvals.refusal(asking.call()) != null) {
            return new Answer.Objects(Refusal.approvalRefused(ask));
        }
        String match = asking.match(at, trusted, code());
        ApprovalRequest known = approvals.open(match, ledger.nowMillis());
        if (known != null && known.state() == State.APPROVED) {
            ledger.keep(approvals.used(known.id(), Sha256.fingerprint(call.decision())));
            return new Answer.Passes(known);
        }
        return known != null ? waits(known, false) : mayOpen(asking, match);
    }

    private Answer mayOpen(Asking asking, String match) {
        if (!ledger.approvals().admits(ask.pending(), ledger.nowMillis())) {
            return new Answer.Objects(unasked("Nobody is asked, since the task has as many open requests as it may."));
        }
        return switch (asking.limit()) {
            case UNASKED -> new Answer.Unasked(objection());
            case FULL ->
                new Answer.Objects(
                        unasked("Nobody is asked, since the tasks of this human have asked as often as they may."));
            case ADMITTED -> open(asking, match);
        };
    }

    private Answer open(Asking asking, String match) {
        long now = ledger.nowMillis();
        long expires =
                Math.min(now + ask.withinMillis(), Math.min(asking.leafExpiresMillis(), ledger.expiresAtMillis()));
        ApprovalRequest opened = new ApprovalRequest(
                asking.id(),
                asking.call(),
                match,
                asking.digest(at, trusted, code(), expires),
                at,
                ledger.sequence().settled(),
                trusted,
                code(),
                why(),
                now,
                expires,
                State.PENDING,
                List.of(),
                0,
                call.chain().stream().map(TokenAccount::id).toList(),
                asking.told());
        ledger.keep(ledger.approvals().with(opened));
        return waits(opened, true);
    }

    private Answer waits(ApprovalRequest request, boolean opened) {
        return new Answer.Waits(
                Refusal.approvalRequired(
                        "A human has to approve this call" + because() + " Ask again until it is decided.", rule()),
                request,
                opened);
    }

    /** The first objection; without one, that a human must approve. */
    private Refusal objection() {
        return objections.isEmpty()
                ? Refusal.approvalRequired("A human has to approve every call of this operation.")
                : objections.get(0);
    }

    private Refusal unasked(String because) {
        return objections.isEmpty()
                ? Refusal.approvalRequired("A human has to approve every call of this operation. " + because)
                : objections.get(0).unasked(because);
    }

    private String code() {
        DenyReason reason = objections.isEmpty()
                ? DenyReason.APPROVAL_REQUIRED
                : objections.get(0).denial().reason();
        return reason.code();
    }

    /** Where the plan step or rule of the first objection was written; null if there is none. */
    private @Nullable String rule() {
        return objections.isEmpty() ? null : objections.get(0).denial().rule();
    }

    private List<String> why() {
        if (objections.isEmpty()) {
            return List.of("A human has to approve every call of this operation.");
        }
        List<String> why = new ArrayList<>();
        for (Refusal objection : objections.subList(0, Math.min(MAX_WHY, objections.size()))) {
            why.add(Life.cut(objection.denial().detail()));
        }
        return why;
    }

    private String because() {
        return objections.isEmpty()
                ? ", as every call of its operation."
                : ": "
                        + objections.stream()
                                .limit(MAX_WHY)
                                .map(each -> sentence(each.denial().detail()))
                                .collect(Collectors.joining(" "));
    }

    private static String sentence(@Nullable String text) {
        String said = String.valueOf(text);
        return said.endsWith(".") ? said : said + ".";
    }
}
