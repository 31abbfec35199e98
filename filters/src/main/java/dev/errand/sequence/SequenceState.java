package dev.errand.sequence;

/** Where a task stands in its plan and rules. Immutable; small integers and hashes, no names. */
public interface SequenceState {
    /** A short text for the record and for explain, such as {@code 3} or {@code 3+1 in flight}. */
    String describe();

    /** The part of {@link #describe} that calls in flight do not change: where the plan stands by what is known. */
    default String settled() {
        return describe();
    }
}
