package dev.errand.task.state;

import dev.errand.sequence.binding.AnswerValues;
import dev.errand.task.approval.Approvals;
import java.util.List;

/**
 * The lists of a task that few of its steps change. Immutable: a step that changes one makes a new value, and the others stay
 * the very same objects, which are then not stored anew.
 *
 * @param returned decisions that were given back
 * @param sessions whose its MCP sessions are
 * @param observation what denials would have led to, were the task not only observed
 * @param approvals what humans are asked about
 * @param answers values that answers returned, which rules look at
 * @param candidate what the candidate beside the template knows of the task
 */
public record TaskLists(
        List<Returned> returned,
        Sessions sessions,
        Observation observation,
        Approvals approvals,
        AnswerValues answers,
        CandidateState candidate) {
    /** Those of a task that has done nothing. */
    public static final TaskLists NONE = new TaskLists(
            List.of(), Sessions.NONE, Observation.NONE, Approvals.NONE, AnswerValues.NONE, CandidateState.NONE);

    public TaskLists with(List<Returned> next) {
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

    /** About how many bytes of memory they take, those that may be long. */
    long weight() {
        return approvals.weight() + answers.size() * 8L + candidate.weight();
    }
}
