package dev.errand.operation.normalise;

/**
 * A part of the target in its one spelling, or why it has none.
 *
 * @param <T> the part
 */
public sealed interface Canonical<T> {
    /** The part. */
    record Accepted<T>(T value) implements Canonical<T> {}

    /** Malformed; the reason quotes nothing of the request. */
    record Refused<T>(String why) implements Canonical<T> {}
}
