package dev.errand.task.state;

import dev.errand.sequence.SequenceState;

/** The sequence state of a task, read under another revision than the one it runs under: carried, never judged. */
public record UnreadSequence(byte[] written) implements SequenceState {
    @Override
    public String describe() {
        return "unknown";
    }
}
