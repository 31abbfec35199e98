package dev.errand.web.step;

import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskPolicy;
import java.util.List;
import java.util.Map;

/** What a route demands of a task's policy: an open route may leave limits or sequence out. */
final class Demands {
    private Demands() {}

    static TaskPolicy of(TaskPolicy policy, boolean limits, boolean sequence) {
        if (limits && sequence) {
            return policy;
        }
        return new TaskPolicy(
                policy.template(),
                policy.revision(),
                limits ? policy.limits() : List.of(),
                limits ? policy.operationLimits() : Map.of(),
                limits ? policy.calls() : null,
                sequence ? policy.sequence() : SequencePolicy.ANY_ORDER,
                policy.reactions(),
                policy.cut(),
                policy.flow(),
                policy.observe());
    }
}
