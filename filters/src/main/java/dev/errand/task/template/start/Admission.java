package dev.errand.task.template.start;

import dev.errand.identity.SpiffeId;
import java.util.List;

/**
 * Who may start a task under a template, and what a start must say.
 *
 * @param agents who may be given it; at least one
 * @param humans who may authorise it
 * @param starts how many per human and agent
 * @param instruction what it must say of its instruction
 */
public record Admission(
        List<AgentPattern> agents, HumanPolicy humans, StartLimits starts, InstructionPolicy instruction) {
    public Admission {
        agents = List.copyOf(agents);
    }

    /** Whether the template may be given to the agent. */
    public boolean admits(SpiffeId agent) {
        return agents.stream().anyMatch(pattern -> pattern.matches(agent));
    }
}
