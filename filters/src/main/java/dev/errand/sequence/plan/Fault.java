package dev.errand.sequence.plan;

import dev.errand.config.Position;

/**
 * Why a plan or rule does not load.
 *
 * @param position where the faulty step or rule was written
 * @param message what is wrong and how to correct it
 */
public record Fault(Position position, String message) {
    /** {@code file:line:column: message}. */
    @Override
    public String toString() {
        return position + ": " + message;
    }
}
