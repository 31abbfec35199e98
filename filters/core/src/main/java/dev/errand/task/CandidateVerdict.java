package dev.errand.task;

import dev.errand.denial.Denial;
import dev.errand.sequence.Awaited;
import org.jspecify.annotations.Nullable;

/**
 * The verdict of a candidate on one call. It decides nothing. Immutable.
 *
 * @param revision {@code sha-256:} revision of the candidate
 * @param reach how far the call was judged
 * @param permit whether the call would pass
 * @param objection why it would not pass; for a call that would pass, what is only observed, or null
 * @param partial whether the candidate's state lacks calls of the task, which began before the candidate
 * @param awaited what the candidate's plan and rules must be told of the call
 */
public record CandidateVerdict(
        String revision,
        Reach reach,
        boolean permit,
        @Nullable Denial objection,
        boolean partial,
        Awaited awaited) {
    /** How far a candidate judged a call. */
    public enum Reach {
        /** Budgets, buckets, plan, rules and flow: all that the step judges. */
        STEP,
        /** The call was refused before its step, so it did not reach the candidate's state. */
        BEFORE,
        /** The call could not be judged. */
        NONE
    }

    public static CandidateVerdict before(String revision, boolean partial) {
        return new CandidateVerdict(revision, Reach.BEFORE, false, null, partial, Awaited.NOTHING);
    }

    public static CandidateVerdict unjudged(String revision) {
        return new CandidateVerdict(revision, Reach.NONE, false, null, false, Awaited.NOTHING);
    }

    /** The verdict on a call that a token or a session refuses, whatever the template says. */
    public static CandidateVerdict refusedAnyway(String revision, Denial denial, boolean partial) {
        return new CandidateVerdict(revision, Reach.STEP, false, denial, partial, Awaited.NOTHING);
    }
}
