package dev.errand.cli;

import dev.errand.json.Durations;
import dev.errand.sequence.CompiledSequence;
import dev.errand.task.AskPolicy;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskPolicy.Repeated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which reactions of a template end a task, in one line for its operator. */
final class EndingReactions {
    private EndingReactions() {}

    /**
     * Names the reactions, and the number of refusals at which each ends the task. A reaction that no call can meet, such as that of
     * a plan where there is none, is left out.
     */
    static String of(TaskPolicy policy) {
        List<String> first = atTheFirst(policy);
        List<String> ends = new ArrayList<>();
        if (!first.isEmpty()) {
            ends.add("1 refusal by " + String.join(" or ", first));
        }
        Repeated repeated = policy.reactions().repeated();
        if (repeated != null) {
            ends.add(repeated.denials() + (repeated.denials() == 1 ? " refusal" : " refusals") + " within "
                    + Durations.print(Duration.ofMillis(repeated.withinMillis())) + " (repeated)");
        }
        return ends.isEmpty() ? "no refusal ends a task" : "ends a task: " + String.join("; ", ends);
    }

    private static List<String> atTheFirst(TaskPolicy policy) {
        Reactions reactions = policy.reactions();
        CompiledSequence sequence = policy.sequence() instanceof CompiledSequence compiled ? compiled : null;
        List<String> first = new ArrayList<>();
        if (reactions.sequence() == Reaction.INTERRUPT
                && sequence != null
                && sequence.automaton().isPresent()) {
            first.add("sequence");
        }
        if (reactions.rule() == Reaction.INTERRUPT && sequence != null && sequence.hasRules()) {
            first.add("rule");
        }
        if (reactions.flow() == Reaction.INTERRUPT && policy.flow() == TaskPolicy.Flow.ENFORCE) {
            first.add("flow");
        }
        boolean limited = policy.calls() != null
                || !policy.limits().isEmpty()
                || !policy.operationLimits().isEmpty();
        if (reactions.limit() == Reaction.INTERRUPT && limited) {
            first.add("limit");
        }
        if (reactions.notGranted() == Reaction.INTERRUPT) {
            first.add("not-granted");
        }
        AskPolicy ask = policy.ask();
        if (ask != null && ask.refusedInterrupts()) {
            first.add("approval-refused");
        }
        return first;
    }
}
