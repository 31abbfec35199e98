package dev.errand.task.step;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.Move;
import dev.errand.sequence.PlanView;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.SequenceState;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.AskPolicy;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Decided;
import dev.errand.task.TaskOutcome.Decided.Verdict;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows requests to humans and applies their decisions, on the working copy. Used within one step. */
record DecideStep(Ledger ledger) {
    private static final String HYPOTHESIS = "approval";

    TaskOutcome decide(TaskStep.Decide step) {
        AskPolicy ask = ledger.policy().ask();
        ApprovalRequest request = find(step.request());
        if (ask == null || request == null) {
            return new Decided(Verdict.UNKNOWN, null);
        }
        if (request.state() != State.PENDING || !request.hasDigest(step.digest())) {
            return new Decided(Verdict.CONFLICT, request);
        }
        if (!step.approves()) {
            ledger.keep(ledger.approvals().refused(request.id()));
            return new Decided(Verdict.REFUSED, find(request.id()));
        }
        if (request.by().contains(step.human())) {
            return new Decided(Verdict.REPEATED, request);
        }
        ledger.keep(ledger.approvals().approved(request.id(), step.human(), ask.quorum(), step.digest()));
        return new Decided(Verdict.APPROVED, find(request.id()));
    }

    TaskOutcome inquire(TaskStep.Inquire step) {
        ApprovalRequest request = find(step.request());
        if (request == null) {
            return new TaskOutcome.Inquired(used(step.request()), List.of(), List.of(), 0, 0);
        }
        List<Move> moves = ledger.settled() == null ? null : request.moves();
        if (moves == null) {
            return new TaskOutcome.Inquired(request, List.of(), List.of(), 0, 0);
        }
        SequencePolicy sequence = ledger.policy().sequence();
        SequenceState after = sequence.settle(judged(moves).next(), HYPOTHESIS, true, ledger.nowMillis());
        PlanView view = sequence.view(ledger.sequence(), ledger.nowMillis());
        return new TaskOutcome.Inquired(
                request,
                possible(ledger.sequence(), step.grants()),
                possible(after, step.grants()),
                view == null ? 0 : view.states(),
                ledger.approvals().refused(request));
    }

    private SequencePolicy.Judged judged(List<Move> moves) {
        return ledger.policy()
                .sequence()
                .judge(ledger.sequence(), moves, ledger.answers(), HYPOTHESIS, ledger.nowMillis());
    }

    /**
     * A request that has not ended, of a running task. One that has ended although its time is not over is forgotten.
     * Under a policy of another revision than the task's, only its time is checked.
     */
    private @Nullable ApprovalRequest find(String id) {
        ApprovalRequest request =
                ledger.state() == TaskState.ACTIVE ? ledger.approvals().find(id) : null;
        if (request == null || request.state() == State.USED || ledger.nowMillis() >= request.endsMillis()) {
            return null;
        }
        String settled = ledger.settled();
        if (settled == null || request.state() == State.REFUSED) {
            return request;
        }
        if (request.stands(settled, ledger.isUntrusted(), ledger.nowMillis())
                && (request.offered() != null || isShown(request))) {
            return request;
        }
        ledger.keep(ledger.approvals().without(request));
        return null;
    }

    /** A request that a call of the running task has used, until its time is over. */
    private @Nullable ApprovalRequest used(String id) {
        ApprovalRequest request =
                ledger.state() == TaskState.ACTIVE ? ledger.approvals().find(id) : null;
        return request != null && request.state() == State.USED && ledger.nowMillis() < request.endsMillis()
                ? request
                : null;
    }

    /**
     * Whether people were shown all that objects to the call now. An objection that waits for another call does not
     * count before that call is answered. Flow and {@code ask: always} object as before, since the task's integrity and
     * revision are the same.
     */
    private boolean isShown(ApprovalRequest request) {
        List<Move> moves = request.moves();
        return moves != null
                && judged(moves).objections().stream()
                        .filter(each -> !each.kind().pending())
                        .map(each -> Refusal.order(each, ledger.policy().reactions()))
                        .allMatch(each -> each.objected().isShown(request.objected()));
    }

    /**
     * The grants that fit in that state, whatever the outcomes of calls in flight are; {@code same} may restrict their
     * arguments.
     */
    private List<String> possible(SequenceState state, List<String> grants) {
        PlanView view = ledger.policy().sequence().view(state, ledger.nowMillis());
        return grants.stream()
                .filter(id -> ledger
                        .policy()
                        .sequence()
                        .judge(
                                state,
                                List.of(new Move(id, JsonObject.EMPTY, false)),
                                ledger.answers(),
                                "",
                                ledger.nowMillis())
                        .objections()
                        .stream()
                        .allMatch(each -> isOfPlan(each) && view != null && allows(view, id)))
                .toList();
    }

    private static boolean isOfPlan(SequencePolicy.Objection objection) {
        return objection.kind() == Kind.PLAN || objection.kind() == Kind.PENDING;
    }

    private static boolean allows(PlanView view, String id) {
        return view.allows().contains(id) || view.interleave().contains(id);
    }
}
