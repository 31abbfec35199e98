package dev.errand.policy;

import dev.errand.delegation.Capability;
import dev.errand.task.TaskPolicy;
import dev.errand.task.template.Template;
import org.jspecify.annotations.Nullable;

/**
 * A candidate as it judges the calls of tasks that have the same parameters and run under one revision. Immutable.
 *
 * @param candidate the template that is judged beside the running one
 * @param policy the running policy, with the candidate beside it; the running policy alone where the candidate cannot judge
 * @param grants what the candidate grants; null where it cannot judge
 * @param running what the running template grants; null where the candidate cannot judge
 */
public record Candidacy(
        Template candidate,
        TaskPolicy policy,
        @Nullable Capability grants,
        @Nullable Capability running) {}
