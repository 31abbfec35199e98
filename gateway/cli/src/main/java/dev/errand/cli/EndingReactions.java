package dev.errand.cli;

import dev.errand.json.Durations;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Repeated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which reactions of a template end a task, in one line for its operator. */
final class EndingReactions {
    private EndingReactions() {}

    /** Names the reactions, and the number of refusals at which each ends the task. */
    static String of(TaskPolicy policy) {
        List<String> first =
                policy.ending(false).stream().map(TaskPolicy.Violation::wire).toList();
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
}
