package dev.errand.task;

import dev.errand.delegation.TokenId;
import dev.errand.denial.Denial;
import dev.errand.limit.Budgets;
import dev.errand.task.approval.ApprovalRequest;
import dev.errand.task.approval.ApprovedUse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of a {@link TaskStep}. */
public sealed interface TaskOutcome {
    /** The same of a step that began its task. */
    default TaskOutcome asBegun() {
        if (this instanceof Permitted permitted) {
            return new Permitted(permitted.progress().asBegun(), permitted.awaitsOutcome(), permitted.observed());
        }
        if (this instanceof Denied denied) {
            return new Denied(
                    denied.denial(),
                    denied.ending(),
                    denied.rate(),
                    denied.progress().asBegun(),
                    denied.again());
        }
        return this instanceof Done done
                ? new Done(done.state(), done.ended(), done.progress().asBegun(), done.start())
                : this;
    }

    /** The same outcome together with the candidate's decision. An outcome that is not of a call is returned unchanged. */
    default TaskOutcome beside(CandidateVerdict verdict) {
        if (this instanceof Permitted permitted) {
            return new Permitted(
                    permitted.progress().with(verdict),
                    permitted.awaitsOutcome(),
                    permitted.observed(),
                    permitted.used());
        }
        return this instanceof Denied denied
                ? new Denied(
                        denied.denial(),
                        denied.ending(),
                        denied.rate(),
                        denied.progress().with(verdict),
                        denied.again(),
                        denied.asked())
                : this;
    }

    /**
     * The call may be sent.
     *
     * @param awaitsOutcome whether a {@link TaskStep.Settle} must follow
     * @param observed what would have been refused, were it not only observed
     * @param used the request that it passes by, used up by this step; null where it needs none
     */
    record Permitted(
            Progress progress,
            boolean awaitsOutcome,
            List<Denial> observed,
            @Nullable ApprovalRequest used) implements TaskOutcome {
        public Permitted {
            observed = List.copyOf(observed);
        }

        /** What it passes by, as records and upstreams are told of it; or null. */
        public @Nullable ApprovedUse approval() {
            return used == null ? null : ApprovedUse.of(used);
        }

        /** The outcome of a call that needs no approval. */
        public Permitted(Progress progress, boolean awaitsOutcome, List<Denial> observed) {
            this(progress, awaitsOutcome, observed, null);
        }
    }

    /**
     * Only objections that say {@code ask} stand against the call: it must be made again with what it asks, or with what the limit of
     * requests says. Nothing changed, and the proof is unused.
     *
     * @param objection what is violated; {@code approval-required} where the operation is always asked about
     */
    record Asks(Denial objection, Progress progress) implements TaskOutcome {}

    /**
     * The call is refused (and, after a {@link TaskStep.Refuse}, the refusal counted).
     *
     * @param denial why; for a counted refusal null: the caller knows
     * @param ending what this denial interrupted, else null
     * @param rate for {@code rate-exceeded}: which bucket and when to come back
     * @param again whether a denial of the same proof, which a denial leaves unused, was counted before: anybody who caught it may be
     *     sending it again
     * @param asked the request that stands for {@code approval-required}, else null
     */
    record Denied(
            @Nullable Denial denial,
            @Nullable Ending ending,
            @Nullable RateAdvice rate,
            Progress progress,
            boolean again,
            @Nullable Asked asked)
            implements TaskOutcome {
        /** The outcome of a call that asks nobody. */
        public Denied(
                @Nullable Denial denial,
                @Nullable Ending ending,
                @Nullable RateAdvice rate,
                Progress progress,
                boolean again) {
            this(denial, ending, rate, progress, again, null);
        }

        /** The outcome for a proof without an earlier counted denial. */
        public Denied(@Nullable Denial denial, @Nullable Ending ending, @Nullable RateAdvice rate, Progress progress) {
            this(denial, ending, rate, progress, false);
        }

        /** One sentence if this denial interrupted the task or a token, else null. */
        public @Nullable String interruption() {
            return ending == null ? null : ending.why();
        }
    }

    /**
     * A request that stands.
     *
     * @param opened whether this very step opened it
     * @param expiresInSeconds how long it stands yet, 1 or more
     * @param elicits whether the MCP session of the call is one of a client that opens pages for its user
     */
    record Asked(ApprovalRequest request, boolean opened, long expiresInSeconds, boolean elicits) {}

    /**
     * The result of a human's decision.
     *
     * @param request the request after it; null for {@link Verdict#UNKNOWN}
     */
    record Decided(Verdict verdict, @Nullable ApprovalRequest request) implements TaskOutcome {
        /** The outcome of a decision. */
        public enum Verdict {
            /** There is no such request, or it has ended. */
            UNKNOWN,
            /** Of another digest, or decided before. */
            CONFLICT,
            /** The human had approved before. */
            REPEATED,
            /** Approved; more humans may be needed. */
            APPROVED,
            REFUSED
        }
    }

    /**
     * A request that was asked about.
     *
     * @param request null where there is none, or it has ended, or the task has
     * @param possible the grants, among those in question, that plan and rules allow now
     * @param afterwards those that they allow after the call has happened
     * @param states of the plan; 0 where there is none
     */
    record Inquired(@Nullable ApprovalRequest request, List<String> possible, List<String> afterwards, int states)
            implements TaskOutcome {
        public Inquired {
            possible = List.copyOf(possible);
            afterwards = List.copyOf(afterwards);
        }
    }

    /**
     * What was interrupted.
     *
     * @param depth the place in the chain of the token that was cut with all below it; 0 is the task
     * @param why one sentence
     */
    record Ending(int depth, String why) {}

    /** The task, or the part of it that the chain belongs to, is over. */
    record Ended(TaskState state, @Nullable String why) implements TaskOutcome {}

    /**
     * The proof was used, or presented, before. Nothing changed.
     *
     * @param over how the task is over that it was presented to, else null
     */
    record Replayed(@Nullable Ended over) implements TaskOutcome {
        /** The outcome for a used proof. */
        public Replayed() {
            this(null);
        }
    }

    /**
     * A step that is not a call was applied (or, being a repetition, changed nothing).
     *
     * @param ended whether the task or a token ended by this very step
     * @param start the subject token under which the task's start is kept, or null
     */
    record Done(
            TaskState state,
            boolean ended,
            Progress progress,
            @Nullable TokenId start) implements TaskOutcome {
        /** The outcome for a task without a stored start. */
        public Done(TaskState state, boolean ended, Progress progress) {
            this(state, ended, progress, null);
        }
    }

    /**
     * The outcome of a {@link TaskStep.Return}.
     *
     * @param taken how many different values of the answer are kept
     * @param dropped how many older values they replaced
     */
    record Returned(int taken, int dropped) implements TaskOutcome {}

    /**
     * What came of writing a record anew.
     *
     * @param fits whether the format holds the task; if not, nothing changed
     */
    record Reformatted(boolean fits) implements TaskOutcome {}

    /**
     * The state of a running task.
     *
     * @param would the decision that the call in question would get now; null if there is no such call
     */
    record Viewed(TaskView view, @Nullable TaskOutcome would) implements TaskOutcome {}

    /**
     * How a task is over that was asked about.
     *
     * @param atMillis when it ended by its time, or the time of its last step, epoch milliseconds; null where nothing is known of the task
     *     any more
     */
    record Over(Ended ended, @Nullable Long atMillis) implements TaskOutcome {}

    /**
     * What the record shows of the task around a step.
     *
     * @param before the sequence state before, followed by {@link #UNTRUSTED} once untrusted content reached the task
     * @param after and after
     * @param budgets what is left
     * @param reaction what the denial led to, or would have led to where it is only observed; null for none
     * @param over whether the call is of a task that would have ended before, were it not only observed
     * @param begun whether the task, one of another anchor, began by this very step
     * @param candidate what the candidate beside the template says of the call; null where none was asked
     */
    record Progress(
            String before,
            String after,
            Budgets budgets,
            TaskPolicy.@Nullable Reaction reaction,
            boolean over,
            boolean begun,
            @Nullable CandidateVerdict candidate) {
        /** What marks the state of a task that untrusted content has reached. */
        public static final String UNTRUSTED = ApprovalRequest.UNTRUSTED;

        /** The outcome of a step without a denial. */
        public Progress(String before, String after, Budgets budgets) {
            this(before, after, budgets, null, false, false, null);
        }

        /** The same of a step that led to that. */
        public Progress with(TaskPolicy.@Nullable Reaction ledTo, boolean observedOver) {
            return ledTo == null && !observedOver
                    ? this
                    : new Progress(before, after, budgets, ledTo, observedOver, begun, candidate);
        }

        private Progress asBegun() {
            return new Progress(before, after, budgets, reaction, over, true, candidate);
        }

        /** The same of a call that a candidate was asked about too. */
        Progress with(CandidateVerdict verdict) {
            return new Progress(before, after, budgets, reaction, over, begun, verdict);
        }

        /** Whether untrusted content had reached the task before the step. */
        public boolean untrusted() {
            return before.endsWith(UNTRUSTED);
        }
    }

    /**
     * The bucket that refused.
     *
     * @param policy its name, such as {@code task} or {@code vault:kv.read}
     * @param capacity its capacity
     * @param period its period
     * @param remaining whole tokens left
     * @param retryAfter when the call would fit
     */
    record RateAdvice(String policy, long capacity, Duration period, long remaining, Duration retryAfter) {}
}
