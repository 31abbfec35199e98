package dev.errand.web.stage;

import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskPolicy;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/** What a route demands of a task's policy: an open route may leave limits or sequence out. */
final class RouteDemands {
    private RouteDemands() {}

    static TaskPolicy of(TaskPolicy policy, @Nullable Route route) {
        boolean limits = route == null || StageFilter.isOn(route, Stage.TASK_LIMITS);
        boolean sequence = route == null || StageFilter.isOn(route, Stage.TASK_SEQUENCE);
        return limits && sequence ? policy : of(policy, limits, sequence);
    }

    private static TaskPolicy of(TaskPolicy policy, boolean limits, boolean sequence) {
        TaskPolicy candidate = policy.candidate();
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
                policy.observe(),
                policy.ask(),
                policy.fixed(),
                candidate == null || !sequence ? null : of(candidate, limits, true),
                policy.narrower());
    }
}
