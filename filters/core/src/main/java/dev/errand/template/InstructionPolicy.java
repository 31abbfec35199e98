package dev.errand.template;

/**
 * What the start of a task must say about its instruction.
 *
 * @param require whether a start must name an instruction
 * @param trustAgent whether the agent's statement about its instruction may be trusted
 */
public record InstructionPolicy(boolean require, boolean trustAgent) {
    /** Nothing required, nothing trusted. */
    public static final InstructionPolicy NONE = new InstructionPolicy(false, false);
}
