package dev.errand.policy;

import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import org.jspecify.annotations.Nullable;

/**
 * A candidate, ready to judge the calls of tasks with the same parameters under one revision. Immutable.
 *
 * @param candidate the template that is judged beside the running one
 * @param policy the running policy with the candidate beside it; only the running policy if the candidate cannot judge
 * @param grants what the candidate grants; null if it cannot judge
 * @param running what the running template grants; null if the candidate cannot judge
 */
public record Candidacy(
        Template candidate,
        TaskPolicy policy,
        @Nullable Capability grants,
        @Nullable Capability running) {}
