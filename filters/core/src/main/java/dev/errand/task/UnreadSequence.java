package dev.errand.task;

import dev.errand.sequence.SequenceState;

/** The sequence state of a task that was read under another revision than its own: kept as bytes, never judged. */
public record UnreadSequence(byte[] written) implements SequenceState {
    @Override
    public String describe() {
        return "unknown";
    }
}
