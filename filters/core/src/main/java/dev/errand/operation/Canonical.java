package dev.errand.operation;

/**
 * A part of the request target in canonical form, or why it is malformed.
 *
 * @param <T> the part
 */
public sealed interface Canonical<T> {
    /** The canonical part. */
    record Accepted<T>(T value) implements Canonical<T> {}

    /** The part is malformed. The reason quotes nothing of the request. */
    record Refused<T>(String why) implements Canonical<T> {}
}
