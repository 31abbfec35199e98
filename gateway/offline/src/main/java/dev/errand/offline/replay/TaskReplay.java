package dev.errand.offline.replay;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.offline.replay.GrantCheck.Verdict;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Interrupted;
import dev.errand.offline.replay.RecordedTask.Known;
import dev.errand.offline.replay.Redecision.Kind;
import dev.errand.operation.OperationCall;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.template.Template;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides one recorded task again. Every call makes the step of a live call, at its recorded time. Where a fact is not recorded
 * (other arguments, narrower tokens, proofs, URLs), the recorded result is kept, and the output says so. Used once; not thread-safe.
 */
final class TaskReplay {
    private static final Set<DenyReason> BEFORE_OPERATION =
            Set.of(DenyReason.MALFORMED_REQUEST, DenyReason.UNKNOWN_OPERATION, DenyReason.AMBIGUOUS_OPERATION);
    private static final Set<DenyReason> CALLER = Set.of(
            DenyReason.AUTHENTICATION_REQUIRED,
            DenyReason.INVALID_TOKEN,
            DenyReason.CHAIN_INCOMPLETE,
            DenyReason.INVALID_PROOF,
            DenyReason.IDENTITY_MISMATCH);
    private static final Set<DenyReason> GRANT = Set.of(DenyReason.NOT_GRANTED, DenyReason.CONSTRAINT_VIOLATED);

    private final Replay replay;
    private final RecordedTask task;
    private final Template template;
    private final TaskPolicy policy;
    private final boolean sameRevision;
    private final GrantCheck grants;
    private final Map<String, Set<String>> boundElsewhere;
    private final List<Event> events;
    private final ReplayedState state;
    private final Map<TokenId, TokenAccount> accounts = new HashMap<>();
    private final @Nullable String notStarted;
    private @Nullable String undecidable;
    private @Nullable RecordedCall previous;

    TaskReplay(Replay replay, RecordedTask task, Template template) {
        this.replay = replay;
        this.task = task;
        this.template = template;
        this.policy = template.policy(replay.observe());
        this.sameRevision = template.revision().equals(task.revision());
        this.grants = new GrantCheck(template.grants(), TaskParameters.of(template.grants(), task), replay::folding);
        this.boundElsewhere = BoundArguments.of(policy);
        this.notStarted = Start.refusal(template, task);
        this.events = JudgedOrder.of(task.events(), sameRevision && policy.cut() == TaskPolicy.Cut.TASK);
        this.state = new ReplayedState(policy, events, new TokenId("0"), template.lifetime(), sameRevision);
    }

    List<Redecision> run() {
        List<Redecision> decisions = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            if (event instanceof Decided decided) {
                state.at(i, decided.timeMillis());
                decisions.add(decide(decided.call()));
                previous = decided.call();
            } else if (event instanceof CameTo outcome) {
                state.cameTo(outcome);
            } else if (event instanceof Known known) {
                state.known(known);
            } else if (event instanceof Interrupted interrupted) {
                state.interrupt(interrupted);
            }
        }
        return decisions;
    }

    private Redecision decide(RecordedCall call) {
        if (notStarted != null) {
            return call.permit()
                    ? differs(call, false, "unauthorized_client", notStarted)
                    : new Redecision(call, Kind.SAME, false, call.code(), "");
        }
        if (undecidable != null) {
            return carried(call, undecidable);
        }
        if (call.depth() > template.delegation().maxDepth()) {
            return compare(
                    call,
                    false,
                    DenyReason.INVALID_TOKEN.code(),
                    "the chain is " + call.depth() + " deep, the template allows "
                            + template.delegation().maxDepth());
        }
        if (call.over() && sameRevision && !replay.observe()) {
            return compare(call, false, DenyReason.TASK_ENDED.code(), "the task would have ended before");
        }
        DenyReason recorded = reason(call);
        if (recorded == DenyReason.DECISION_UNAVAILABLE || recorded == DenyReason.UPSTREAM_UNAVAILABLE) {
            return carried(call, "store, log or upstream was unavailable");
        }
        if (recorded != null && CALLER.contains(recorded)) {
            boolean replayed = "7i".equals(call.step());
            return refusedBefore(call, replayed ? null : recorded, "decided by token and proof, not by the template");
        }
        if (recorded != null && BEFORE_OPERATION.contains(recorded)) {
            return refusedBefore(call, recorded, "the request's URL is not in the record");
        }
        if (call.pairs().isEmpty()) {
            return refusedBefore(call, null, "refused before its operation was known");
        }
        return granted(call, recorded);
    }

    /**
     * A call that was refused before the template was asked. The refusal counts if it counted then, and the task may be over.
     */
    private Redecision refusedBefore(RecordedCall call, @Nullable DenyReason counts, String why) {
        boolean over = state.isOver(chain(call))
                || (counts != null
                        && state.refuse(call, chain(call), counts, operations(call)) instanceof TaskOutcome.Ended);
        boolean recordedOver = DenyReason.TASK_ENDED.code().equals(call.code());
        if (over != recordedOver && over) {
            return compare(call, false, DenyReason.TASK_ENDED.code(), "the task is over by then");
        }
        return over ? new Redecision(call, Kind.SAME, false, call.code(), "") : carried(call, why);
    }

    private Redecision granted(RecordedCall call, @Nullable DenyReason recorded) {
        boolean refusedThen = recorded != null && GRANT.contains(recorded);
        Verdict verdict = sameRevision ? asRecorded(recorded, refusedThen) : grants.check(call);
        if (refusedThen && verdict instanceof Verdict.Granted && call.depth() > 0) {
            verdict = new Verdict.Unknown("a child's own grant, narrower than the template's, is not in the record");
        }
        if (verdict instanceof Verdict.Refused refused) {
            TaskOutcome outcome = state.refuse(call, chain(call), refused.reason(), operations(call));
            return outcome instanceof TaskOutcome.Ended ended
                    ? over(call, ended)
                    : compare(call, false, refused.reason().code(), refused.why());
        }
        String unknown = verdict instanceof Verdict.Unknown one ? one.why() : null;
        if (unknown != null && refusedThen) {
            return refusedBefore(call, recorded, unknown);
        }
        String unrecorded = BoundArguments.unrecorded(call, boundElsewhere, state.silent());
        if (unrecorded != null) {
            undecidable = "plan or rules look at a value of " + unrecorded
                    + " that is not in the record, here or in a call before";
            return carried(call, undecidable);
        }
        return step(call, recorded, unknown);
    }

    private static Verdict asRecorded(@Nullable DenyReason recorded, boolean refusedThen) {
        return refusedThen && recorded != null ? new Verdict.Refused(recorded, "") : new Verdict.Granted();
    }

    private Redecision step(RecordedCall call, @Nullable DenyReason recorded, @Nullable String unknown) {
        TaskStep.Call step =
                new TaskStep.Call(call.decision(), chain(call), ProofClaim.NONE, operations(call), call.trusted(), 0);
        boolean endedThen = recorded == DenyReason.TASK_ENDED;
        TaskOutcome outcome = call.permit() ? state.permitting(step) : state.refusing(step, call.interrupts());
        if (outcome instanceof TaskOutcome.Ended ended) {
            return over(call, ended);
        }
        if (endedThen && endedFromOutside()) {
            state.endFromOutside(chain(call));
            return carried(call, "the holder, the operator or its expiry ended the task or the token");
        }
        if (outcome instanceof TaskOutcome.Denied denied && denied.denial() != null) {
            Denial denial = denied.denial();
            if (denial.isPending() && state.waitsForUnrecorded()) {
                return carried(call, "it depends on the outcome of a call that was refused when it was recorded");
            }
            state.commit();
            return compare(call, false, denial.reason().code(), denial.detail());
        }
        if (outcome instanceof TaskOutcome.Asks asks) {
            return Redecision.asked(call, asks.objection().detail(), sameRevision);
        }
        TaskOutcome.Permitted permitted = (TaskOutcome.Permitted) outcome;
        String doubt = recorded == null ? null : doubt(call, recorded, permitted);
        if (recorded != null && doubt != null) {
            state.refuse(call, chain(call), recorded, operations(call));
            return carried(call, doubt);
        }
        state.commit();
        state.permitted(step, call.permit());
        String observed = permitted.observed().isEmpty()
                ? null
                : permitted.observed().get(0).reason().code();
        return unknown != null
                ? carried(call, unknown)
                : compare(call, true, observed, call.permit() ? "" : "the template would have permitted it");
    }

    /** Why a recorded refusal may stand although the template alone would permit the call, or null. */
    private @Nullable String doubt(RecordedCall call, DenyReason recorded, TaskOutcome.Permitted permitted) {
        if (recorded == DenyReason.TASK_ENDED) {
            return null;
        }
        boolean limited = recorded == DenyReason.RATE_EXCEEDED || recorded == DenyReason.BUDGET_EXHAUSTED;
        if (limited && (call.ownBounds() || sameRevision)) {
            return "bounds that a token adds to its template's are not in the record";
        }
        if (recorded == DenyReason.RATE_EXCEEDED && state.nearlyEmpty(permitted, call.operations())) {
            return "the recorded times are too close to the limit";
        }
        return sameRevision || ("pending".equals(call.step()) && state.mayHaveWaited())
                ? "it depended on when outcomes were known"
                : null;
    }

    /** Whether something else ended the recorded task than a refusal that the template can judge again. */
    private boolean endedFromOutside() {
        RecordedCall before = previous;
        return sameRevision
                || before == null
                || before.permit()
                || DenyReason.TASK_ENDED.code().equals(before.code())
                || "pending".equals(before.step());
    }

    private Redecision over(RecordedCall call, TaskOutcome.Ended ended) {
        return compare(
                call,
                false,
                DenyReason.TASK_ENDED.code(),
                "the task is " + ended.state().wire() + " by then" + (ended.why() == null ? "" : ": " + ended.why()));
    }

    private static Redecision compare(RecordedCall call, boolean permit, @Nullable String code, String why) {
        boolean same =
                call.permit() == permit && (permit || String.valueOf(code).equals(call.code()));
        return new Redecision(call, same ? Kind.SAME : Kind.DIFFERS, permit, code, same ? "" : why);
    }

    private static Redecision differs(RecordedCall call, boolean permit, String code, String why) {
        return new Redecision(call, Kind.DIFFERS, permit, code, why);
    }

    private static Redecision carried(RecordedCall call, String why) {
        return new Redecision(call, Kind.NOT_REDECIDABLE, call.permit(), call.code(), why);
    }

    private static @Nullable DenyReason reason(RecordedCall call) {
        if (call.permit()) {
            return null;
        }
        for (DenyReason reason : DenyReason.values()) {
            if (reason.code().equals(call.code())) {
                return reason;
            }
        }
        throw new UnreadableRecordException("decision " + call.decision() + " has the unknown code " + call.code());
    }

    private List<OperationCall> operations(RecordedCall call) {
        List<OperationCall> operations = new ArrayList<>();
        for (RecordedCall.Pair pair : call.pairs()) {
            operations.add(new OperationCall(
                            replay.operation(pair.operation()),
                            pair.resource(),
                            pair.arguments(),
                            isDryRun(call, pair.operation()))
                    .folded(replay.folding(pair.operation())));
        }
        return operations;
    }

    /** Whether the call was a dry run. The record does not say so: a call that is a step of the plan and did not move it was one. */
    private boolean isDryRun(RecordedCall call, String operation) {
        String before = call.stateBefore();
        return call.permit()
                && before != null
                && !before.isEmpty()
                && Character.digit(before.charAt(0), 10) >= 0
                && before.equals(call.stateAfter())
                && replay.mayBeDryRun(operation)
                && BoundArguments.isStep(policy.sequence(), operation);
    }

    /** The chain's accounts, made from the holders' keys. Bounds that a token adds to the template's are not in the record. */
    private List<TokenAccount> chain(RecordedCall call) {
        List<TokenAccount> chain = new ArrayList<>();
        StringBuilder path = new StringBuilder();
        for (int depth = 0; depth <= call.depth(); depth++) {
            path.append('/')
                    .append(depth == 0 ? "root" : call.holders().get(depth).key());
            TokenId id = depth == 0 ? state.root() : new TokenId(path.toString());
            Long children = depth == 0 ? template.delegation().maxChildren() : null;
            chain.add(accounts.computeIfAbsent(id, i -> new TokenAccount(i, null, children, List.of())));
        }
        return chain;
    }
}
