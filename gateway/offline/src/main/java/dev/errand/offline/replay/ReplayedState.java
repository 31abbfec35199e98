package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.limit.TokenBucket;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Interrupted;
import dev.errand.offline.replay.RecordedTask.Known;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.CountedDenial;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenRecord;
import dev.errand.task.TokenTable;
import dev.errand.task.step.StepBatch;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of a replayed task, changed only by {@link StepBatch#apply}. A recorded time is that of a replica's clock a little
 * after the step, and the step was judged by the store's clock. So if a quarter of a second decides, the record is believed.
 * Not thread-safe.
 */
final class ReplayedState {
    /** How far a recorded time may be from the time by which the step was judged. */
    static final long TOLERANCE_MILLIS = 250;

    /** So much earlier that a denial counts no more. */
    private static final long LONG_AGO_MILLIS = Duration.ofDays(365).toMillis();

    private static final byte[] NO_KEY = new byte[AnswerValues.KEY_BYTES];

    private final TaskPolicy policy;
    private final List<Event> events;
    private final TokenId root;
    private final List<Long> shifts;
    private @Nullable Task task;
    private @Nullable Task proposed;
    private int index;
    private long nowMillis;
    private long settledMillis = -TOLERANCE_MILLIS - 1;
    private final Map<String, Sent> inFlight = new HashMap<>();
    private final Set<CameTo> early = new HashSet<>();
    private final Set<String> unrecorded = new HashSet<>();
    private boolean cancelled;

    private final Set<String> silent = new HashSet<>();

    private record Sent(List<TokenAccount> chain, List<OperationCall> calls) {}

    /** @param sameRevision whether the recorded steps were judged by this very policy */
    ReplayedState(TaskPolicy policy, List<Event> events, TokenId root, Duration lifetime, boolean sameRevision) {
        this.policy = policy;
        this.events = events;
        this.root = root;
        // A denial of a proof that was denied before does not count, and the record has no proof.
        this.shifts = sameRevision
                ? List.of(TOLERANCE_MILLIS, -TOLERANCE_MILLIS, -LONG_AGO_MILLIS)
                : List.of(TOLERANCE_MILLIS, -TOLERANCE_MILLIS);
        long begun = events.get(0).timeMillis();
        apply(new TaskStep.Start(root, begun + lifetime.toMillis()), begun);
    }

    TokenId root() {
        return root;
    }

    void at(int event, long timeMillis) {
        index = event;
        nowMillis = timeMillis;
    }

    private TaskOutcome apply(TaskStep step, long atMillis) {
        TaskOutcome outcome = propose(step, atMillis);
        commit();
        return outcome;
    }

    private TaskOutcome propose(TaskStep step, long atMillis) {
        StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), atMillis);
        proposed = applied.next();
        return applied.outcomes().get(0);
    }

    /** Makes the state after the last proposed step the present state. */
    void commit() {
        task = proposed;
    }

    boolean isOver(List<TokenAccount> chain) {
        TaskStep look = new TaskStep.Look(chain.stream().map(TokenAccount::id).toList());
        return StepBatch.apply(policy, task, List.of(look), nowMillis)
                        .outcomes()
                        .get(0)
                instanceof TaskOutcome.Ended;
    }

    TaskOutcome refuse(RecordedCall call, List<TokenAccount> chain, DenyReason reason, List<OperationCall> calls) {
        TaskOutcome outcome = refusing(
                new TaskStep.Refuse(call.decision(), chain, ProofClaim.NONE, reason, calls, 0, 0), call.interrupts());
        commit();
        return outcome;
    }

    /** Proposes the step of a permitted call at its recorded time, or at a time near it if only that permits the call. */
    TaskOutcome permitting(TaskStep.Call step) {
        TaskOutcome outcome = propose(step, nowMillis);
        if (!(outcome instanceof TaskOutcome.Denied denied) || denied.denial() == null) {
            return outcome;
        }
        if (denied.denial().isPending() && settleEarly()) {
            return permitting(step);
        }
        long wait = denied.rate() == null
                ? TOLERANCE_MILLIS
                : denied.rate().retryAfter().toMillis() + 1;
        boolean timed =
                denied.rate() != null || !"sequence".equals(denied.denial().step());
        if (timed && wait <= TOLERANCE_MILLIS) {
            TaskOutcome later = propose(step, nowMillis + wait);
            if (later instanceof TaskOutcome.Permitted) {
                return later;
            }
            outcome = propose(step, nowMillis);
        }
        return outcome;
    }

    /** Applies outcomes that were recorded just after the call: their steps may have been made before it. */
    private boolean settleEarly() {
        boolean settled = false;
        for (int i = index + 1; i < events.size(); i++) {
            Event event = events.get(i);
            if (event.timeMillis() > nowMillis + TOLERANCE_MILLIS) {
                break;
            }
            if (event instanceof CameTo outcome && inFlight.containsKey(outcome.decision())) {
                settle(outcome, nowMillis);
                early.add(outcome);
                settled = true;
            }
        }
        return settled;
    }

    /**
     * Proposes the step of a refused call at its recorded time. The record is believed about whether the refusal ended the task or
     * a token, if that depends on the time at which earlier denials were counted.
     *
     * @param interrupts whether it did by the record
     */
    TaskOutcome refusing(TaskStep.Proven step, boolean interrupts) {
        Task before = task;
        TaskOutcome outcome = propose(step, nowMillis);
        Task next = proposed;
        if (before == null || !(outcome instanceof TaskOutcome.Denied) || isEnding(outcome) == interrupts) {
            return outcome;
        }
        for (long millis : shifts) {
            task = counted(before, step.chain(), millis);
            TaskOutcome near = propose(step, nowMillis);
            if (near instanceof TaskOutcome.Denied && isEnding(near) == interrupts) {
                outcome = near;
                next = interrupts ? proposed : before;
                break;
            }
        }
        task = before;
        proposed = next;
        return outcome;
    }

    private static boolean isEnding(TaskOutcome outcome) {
        return outcome instanceof TaskOutcome.Denied denied && denied.ending() != null;
    }

    /** The task, with the denials of the chain's tokens counted that much later. */
    private static Task counted(Task task, List<TokenAccount> chain, long laterMillis) {
        TokenTable tokens = task.tokens().copy();
        for (TokenAccount account : chain) {
            TokenRecord token = tokens.get(account.id());
            if (!token.denials().isEmpty()) {
                tokens.put(
                        account.id(),
                        token.withDenials(token.denials().stream()
                                .map(denial -> new CountedDenial(denial.atMillis() + laterMillis, denial.kind()))
                                .toList()));
            }
        }
        return task.stored(tokens, task.parts());
    }

    /** Notes that the call passed. Its outcome may be recorded later. When it was sent is not recorded: at once is assumed. */
    void permitted(TaskStep.Call step, boolean recorded) {
        apply(new TaskStep.Sent(step.decision()), nowMillis);
        inFlight.put(step.decision(), new Sent(step.chain(), step.calls()));
        if (!recorded) {
            unrecorded.add(step.decision());
        }
    }

    void cameTo(CameTo outcome) {
        if (!early.contains(outcome)) {
            settle(outcome, outcome.timeMillis());
        }
    }

    private void settle(CameTo outcome, long atMillis) {
        Sent sent = inFlight.remove(outcome.decision());
        if (sent == null) {
            return;
        }
        settledMillis = atMillis;
        boolean returning = outcome.happened()
                && sent.calls().stream()
                        .anyMatch(call -> !policy.returns(call.operation().id()).isEmpty());
        cancelled |= outcome.isUnanswered();
        apply(
                outcome.compensated()
                        ? new TaskStep.GiveBack(
                                outcome.decision(), sent.chain(), sent.calls().size())
                        : outcome.isUnanswered()
                                ? new TaskStep.Unanswered(outcome.decision(), true)
                                : new TaskStep.Settle(outcome.decision(), outcome.happened(), returning),
                atMillis);
        if (returning) {
            apply(new TaskStep.Return(outcome.decision(), said(outcome, sent.calls()), false, NO_KEY), atMillis);
        }
    }

    /** The values of the answer that rules look at, as far as they are recorded. */
    private List<AnswerValues.Named> said(CameTo outcome, List<OperationCall> calls) {
        List<AnswerValues.Named> values = new ArrayList<>();
        calls.stream().map(call -> call.operation().id()).distinct().forEach(id -> {
            for (String name : policy.returns(id)) {
                JsonValue value = outcome.said(id).get(name);
                if (value == null) {
                    silent.add(id);
                } else if (!value.equals(JsonNull.NULL)) {
                    values.add(AnswerValues.Named.of(id, name, false, value));
                }
            }
        });
        return values;
    }

    /** The operations of whose answers the record lacks a value that rules look at. */
    Set<String> silent() {
        return silent;
    }

    void known(Known known) {
        apply(new TaskStep.Know(known.decision(), known.happened()), known.timeMillis());
    }

    void interrupt(Interrupted interrupted) {
        apply(new TaskStep.Interrupt(interrupted.why()), interrupted.timeMillis());
    }

    void endFromOutside(List<TokenAccount> chain) {
        apply(new TaskStep.Revoke(chain.get(chain.size() - 1).id(), root, chain.size() - 1, 0), nowMillis);
    }

    /** Whether a call is in flight that has no recorded outcome, since the recorded call was refused. */
    boolean waitsForUnrecorded() {
        return !unrecorded.isEmpty();
    }

    /** Whether this call may have waited for an earlier one, which was unanswered or still being sent. */
    boolean mayHaveWaited() {
        return cancelled || !inFlight.isEmpty() || nowMillis - settledMillis <= TOLERANCE_MILLIS;
    }

    /** Whether a bucket of the template holds so little after this permit that the clocks' difference may have decided. */
    boolean nearlyEmpty(TaskOutcome.Permitted permitted, List<String> operations) {
        if (nearlyEmpty(permitted, "task", policy.limits())) {
            return true;
        }
        return operations.stream()
                .anyMatch(id -> nearlyEmpty(
                        permitted, "op:" + id, policy.operationLimits().getOrDefault(id, List.of())));
    }

    private static boolean nearlyEmpty(TaskOutcome.Permitted permitted, String name, List<TokenBucket> limits) {
        Long left = permitted.progress().budgets().get(name);
        return left != null
                && limits.stream()
                        .map(TokenBucket::bandwidth)
                        .anyMatch(limit -> left
                                < Math.ceil((double) limit.capacity()
                                        * TOLERANCE_MILLIS
                                        / limit.period().toMillis()));
    }
}
