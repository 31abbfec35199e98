package dev.errand.sequence.plan;

/**
 * Why a plan or rule does not load.
 *
 * @param position {@code file:line:column} of the step or rule
 * @param step the step or rule, in a few words
 * @param message what is wrong and how to mend it
 */
public record Fault(String position, String step, String message) {
    /** {@code file:line:column: message}. */
    @Override
    public String toString() {
        return position + ": " + message;
    }
}
