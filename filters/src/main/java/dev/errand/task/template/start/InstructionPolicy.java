package dev.errand.task.template.start;

/**
 * What a task must say of its instruction.
 *
 * @param require whether a start must name one
 * @param trustAgent whether what the agent says of it may be trusted
 */
public record InstructionPolicy(boolean require, boolean trustAgent) {
    /** Nothing required, nothing trusted. */
    public static final InstructionPolicy NONE = new InstructionPolicy(false, false);
}
