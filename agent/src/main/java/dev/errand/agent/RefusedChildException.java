package dev.errand.agent;

/** A child that is refused. The step names the check that would fail (AAT-02 section 5, or {@code task:<member>}). */
final class RefusedChildException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String step;

    RefusedChildException(String step, String message) {
        super(message);
        this.step = step;
    }

    String step() {
        return step;
    }
}
