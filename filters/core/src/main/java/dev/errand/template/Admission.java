package dev.errand.template;

import dev.errand.task.HumanPolicy;
import dev.errand.token.SpiffeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may start a task under a template, and what a start must contain.
 *
 * @param agents who may get the task; at least one
 * @param humans who may authorise the task
 * @param starts how many tasks each pair of human and agent may start
 * @param instruction what a start must say about its instruction
 * @param allowed what a human must do to allow a task at the page of the gateway
 * @param standing how many runs a human may allow at once; null for one
 */
public record Admission(
        List<AgentPattern> agents,
        HumanPolicy humans,
        StartLimits starts,
        InstructionPolicy instruction,
        AllowedStart allowed,
        @Nullable StandingLimits standing) {
    public Admission {
        agents = List.copyOf(agents);
    }

    /** Whether the agent may get a task under the template. */
    public boolean admits(SpiffeId agent) {
        return agents.stream().anyMatch(pattern -> pattern.matches(agent));
    }
}
