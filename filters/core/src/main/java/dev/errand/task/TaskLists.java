package dev.errand.task;

import dev.errand.sequence.rule.AnswerValues;
import java.util.List;

/**
 * The lists of a task that only a few kinds of steps change. Immutable: a step that changes one list makes a new value;
 * the other lists stay the same objects and are not stored again.
 *
 * @param returned decisions that were given back
 * @param sessions the MCP sessions and the tokens that own them
 * @param observation the consequences that denials would have had if the task were enforced and not only observed
 * @param approvals requests for approval
 * @param answers values that answers returned, which rules look at
 * @param candidate the state of the candidate beside the template
 */
public record TaskLists(
        List<GivenBack> returned,
        Sessions sessions,
        Observation observation,
        Approvals approvals,
        AnswerValues answers,
        CandidateState candidate) {
    /** The empty lists of a new task. */
    public static final TaskLists NONE = new TaskLists(
            List.of(), Sessions.NONE, Observation.NONE, Approvals.NONE, AnswerValues.NONE, CandidateState.NONE);

    public TaskLists with(List<GivenBack> next) {
        return new TaskLists(next, sessions, observation, approvals, answers, candidate);
    }

    public TaskLists with(Sessions next) {
        return next == sessions ? this : new TaskLists(returned, next, observation, approvals, answers, candidate);
    }

    public TaskLists with(Observation next) {
        return new TaskLists(returned, sessions, next, approvals, answers, candidate);
    }

    public TaskLists with(Approvals next) {
        return next == approvals ? this : new TaskLists(returned, sessions, observation, next, answers, candidate);
    }

    public TaskLists with(AnswerValues next) {
        return next == answers ? this : new TaskLists(returned, sessions, observation, approvals, next, candidate);
    }

    public TaskLists with(CandidateState next) {
        return next == candidate ? this : new TaskLists(returned, sessions, observation, approvals, answers, next);
    }

    /** The approximate size in memory, in bytes, of the lists that may be long. */
    long weight() {
        return approvals.weight() + answers.size() * 8L + candidate.weight();
    }
}
