package dev.errand.gateway.issuer.start;

import dev.errand.delegation.Capability;
import dev.errand.delegation.Instruction;
import dev.errand.delegation.ParameterValue;
import dev.errand.delegation.TaskBounds;
import dev.errand.task.template.Template;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a start is granted: the template's grant narrowed by what was asked for.
 *
 * @param template the revision it is granted under
 * @param parameters the task's parameters
 * @param capability the tools
 * @param bounds the {@code errand_task} details
 * @param instruction what instructed the task, with its judged integrity; or null
 * @param lifetimeSeconds how long the task may live
 */
record Grant(
        Template template,
        Map<String, ParameterValue> parameters,
        Capability capability,
        TaskBounds bounds,
        @Nullable Instruction instruction,
        long lifetimeSeconds) {
    /** The same grant with this lifetime. */
    Grant living(long seconds) {
        return new Grant(template, parameters, capability, bounds, instruction, seconds);
    }
}
