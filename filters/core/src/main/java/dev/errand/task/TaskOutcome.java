package dev.errand.task;

import dev.errand.denial.Denial;
import dev.errand.limit.Budgets;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.UnknownOutcome;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of a {@link TaskStep}. */
public sealed interface TaskOutcome {
    /** The same outcome, for a step that began its task. */
    default TaskOutcome asBegun() {
        if (this instanceof Permitted permitted) {
            return new Permitted(permitted.progress().asBegun(), permitted.awaited(), permitted.observed());
        }
        if (this instanceof Denied denied) {
            return new Denied(
                    denied.denial(),
                    denied.ending(),
                    denied.rate(),
                    denied.progress().asBegun(),
                    denied.again(),
                    denied.asked());
        }
        return this instanceof Done done
                ? new Done(done.state(), done.ended(), done.progress().asBegun(), done.start(), done.unknown())
                : this;
    }

    /** The same outcome with the candidate's verdict. An outcome that is not of a call is returned unchanged. */
    default TaskOutcome beside(CandidateVerdict verdict) {
        if (this instanceof Permitted permitted) {
            return new Permitted(
                    permitted.progress().with(verdict), permitted.awaited(), permitted.observed(), permitted.used());
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
     * @param awaited what must be told of the call: its outcome by {@link TaskStep.Settle} or
     *     {@link TaskStep.Unanswered}, and that it was sent by {@link TaskStep.Sent}
     * @param observed what would have been refused if it were enforced and not only observed
     * @param used the approved request that this step used up; null if the call needs none
     */
    record Permitted(
            Progress progress,
            Awaited awaited,
            List<Denial> observed,
            @Nullable ApprovalRequest used) implements TaskOutcome {
        public Permitted {
            observed = List.copyOf(observed);
        }

        /** The approval that the call used, as records and upstreams see it; or null. */
        public @Nullable ApprovedUse approval() {
            return used == null ? null : ApprovedUse.of(used);
        }

        /** The outcome of a call that needs no approval. */
        public Permitted(Progress progress, Awaited awaited, List<Denial> observed) {
            this(progress, awaited, observed, null);
        }

        /** What must be told of the call, for the candidate beside the template, too. */
        public Awaited awaitedByAll() {
            CandidateVerdict candidate = progress.candidate();
            return candidate == null ? awaited : awaited.and(candidate.awaited());
        }
    }

    /**
     * Only objections with the reaction {@code ask} stand against the call: it must be applied again with its question,
     * or with the answer of the limit of requests. Nothing changed, and the proof is unused.
     *
     * @param objection what is violated; {@code approval-required} if humans are always asked about the operation
     */
    record Asks(Denial objection, Progress progress) implements TaskOutcome {}

    /**
     * The call is refused (and, after a {@link TaskStep.Refuse}, the refusal counted).
     *
     * @param denial why; null for a counted refusal, whose reason the caller knows
     * @param ending what this denial interrupted; otherwise null
     * @param rate for {@code rate-exceeded}: which bucket, and when to come back
     * @param again whether a denial of the same proof was counted before. A denial leaves a proof unused, so anybody
     *     who caught it may be sending it again
     * @param asked the open request for {@code approval-required}; otherwise null
     */
    record Denied(
            @Nullable Denial denial,
            @Nullable Ending ending,
            @Nullable RateAdvice rate,
            Progress progress,
            boolean again,
            @Nullable Asked asked)
            implements TaskOutcome {
        /** The outcome of a call without a request for approval. */
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

        /** One sentence if this denial interrupted the task or a token; otherwise null. */
        public @Nullable String interruption() {
            return ending == null ? null : ending.why();
        }

        /** Whether the call met a request for approval that was open already. Then it waits, and this is no denial. */
        public boolean waits() {
            return asked != null && !asked.opened();
        }
    }

    /**
     * An open request for approval.
     *
     * @param opened whether this very step opened it
     * @param expiresInSeconds how long it stays open, 1 or more
     * @param elicits whether the client of the call's MCP session opens pages for its user
     * @param counted how many calls the record of this call counts; 0 if the call is not recorded, since another call that
     *     met the request was recorded less than a minute ago
     */
    record Asked(ApprovalRequest request, boolean opened, long expiresInSeconds, boolean elicits, long counted) {}

    /**
     * The result of a human's decision.
     *
     * @param request the request after the decision; null for {@link Verdict#UNKNOWN}
     */
    record Decided(Verdict verdict, @Nullable ApprovalRequest request) implements TaskOutcome {
        /** The outcome of a decision. */
        public enum Verdict {
            /** There is no such request, or it has ended. */
            UNKNOWN,
            /** The decision is for another digest, or somebody decided before. */
            CONFLICT,
            /** The human had approved before. */
            REPEATED,
            /** The approval counts; more humans may be needed. */
            APPROVED,
            REFUSED
        }
    }

    /** What became of the word of an operator about a call whose outcome was unknown, or of an answer that contradicts it. */
    record Settlement(SequencePolicy.Settlement.Verdict verdict) implements TaskOutcome {}

    /**
     * The answer to an inquiry about a request.
     *
     * @param request null if there is none, or if it or the task has ended; one that was used stays until its time is over
     * @param possible the inquired grants that plan and rules allow now
     * @param afterwards the inquired grants that they allow after the call has happened
     * @param states how many states the plan has; 0 without a plan
     * @param refusedBefore how many requests of the task for the same operation and arguments humans refused
     */
    record Inquired(
            @Nullable ApprovalRequest request,
            List<String> possible,
            List<String> afterwards,
            int states,
            int refusedBefore)
            implements TaskOutcome {
        public Inquired {
            possible = List.copyOf(possible);
            afterwards = List.copyOf(afterwards);
        }
    }

    /**
     * What a denial interrupted.
     *
     * @param depth the depth in the chain of the token that was ended with all below it; 0 is the task
     * @param why one sentence
     */
    record Ending(int depth, String why) {}

    /**
     * The task, or the part of it that the chain belongs to, is over.
     *
     * @param ofToken whether a token of the chain ended, and not the task
     */
    record Ended(TaskState state, @Nullable String why, boolean ofToken) implements TaskOutcome {
        /** The end of a task. */
        public Ended(TaskState state, @Nullable String why) {
            this(state, why, false);
        }

        /** What is over, and how: {@code the task is interrupted}. */
        public String told() {
            return (ofToken ? "the token is " : "the task is ") + state.wire();
        }
    }

    /**
     * The proof was used, or presented, before. Nothing changed.
     *
     * @param over how the task ended that the proof was presented to; otherwise null
     */
    record Replayed(@Nullable Ended over) implements TaskOutcome {
        /** The outcome for a used proof. */
        public Replayed() {
            this(null);
        }
    }

    /**
     * A step that is not a call was applied (or changed nothing, because it was a repetition).
     *
     * @param ended whether this very step ended the task or a token
     * @param start the subject token under which the task's start is kept, or null
     * @param unknown after a {@link TaskStep.Look} under the task's own policy: the calls whose outcome is unknown, and
     *     on whose outcome something depends
     */
    record Done(
            TaskState state,
            boolean ended,
            Progress progress,
            @Nullable TokenId start,
            List<UnknownOutcome> unknown) implements TaskOutcome {
        public Done {
            unknown = List.copyOf(unknown);
        }

        /** The outcome of a step that looks at no outcomes of calls. */
        public Done(TaskState state, boolean ended, Progress progress, @Nullable TokenId start) {
            this(state, ended, progress, start, List.of());
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
     * The state of a running task.
     *
     * @param would the decision that the given call would get now; null if no call was given
     */
    record Viewed(TaskView view, @Nullable TaskOutcome would) implements TaskOutcome {}

    /**
     * The end of the task that was asked about.
     *
     * @param atMillis when it expired, or the time of its last step, epoch milliseconds; null if nothing is known of
     *     the task any more
     */
    record Over(Ended ended, @Nullable Long atMillis) implements TaskOutcome {}

    /**
     * The facts of the task around a step that go into the record.
     *
     * @param before the sequence state before, followed by {@link #UNTRUSTED} once untrusted content reached the task
     * @param after the same after the step
     * @param budgets what is left of the budgets
     * @param reaction what the denial led to, or would have led to if it was only observed; null for none
     * @param over whether the task would have ended before the call if it were enforced and not only observed
     * @param begun whether this very step began the task, which is of another anchor
     * @param candidate the verdict of the candidate beside the template; null without a candidate
     */
    record Progress(
            String before,
            String after,
            Budgets budgets,
            TaskPolicy.@Nullable Reaction reaction,
            boolean over,
            boolean begun,
            @Nullable CandidateVerdict candidate) {
        /** Marks the state of a task that untrusted content has reached. */
        public static final String UNTRUSTED = ApprovalRequest.UNTRUSTED;

        /** The outcome of a step without a denial. */
        public Progress(String before, String after, Budgets budgets) {
            this(before, after, budgets, null, false, false, null);
        }

        /** A copy with the reaction that the step led to. */
        public Progress with(TaskPolicy.@Nullable Reaction ledTo, boolean observedOver) {
            return ledTo == null && !observedOver
                    ? this
                    : new Progress(before, after, budgets, ledTo, observedOver, begun, candidate);
        }

        private Progress asBegun() {
            return new Progress(before, after, budgets, reaction, over, true, candidate);
        }

        /** A copy with the candidate's verdict. */
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
     * @param policy the bucket's name, such as {@code task} or {@code vault:kv.read}
     * @param capacity in tokens
     * @param period in which the whole bucket refills
     * @param remaining whole tokens left
     * @param retryAfter the time until the call would fit
     */
    record RateAdvice(String policy, long capacity, Duration period, long remaining, Duration retryAfter) {}
}
