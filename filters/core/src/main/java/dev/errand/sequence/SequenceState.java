package dev.errand.sequence;

/** The position of a task in its plan and rules. Immutable; holds small integers and hashes, no names. */
public interface SequenceState {
    /** A short text for the record and for {@code explain}, such as {@code 3} or {@code 3+1 in flight+1 unknown}. */
    String describe();

    /** The part of {@link #describe} without the calls in flight and the unknown ones: the plan's state after all known outcomes. */
    default String settled() {
        return describe();
    }
}
