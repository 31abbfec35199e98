package dev.errand.holder;

/** A child that would not verify below its parent. */
public final class UnverifiableChildException extends AgentException {
    private static final long serialVersionUID = 1L;

    private final String step;

    UnverifiableChildException(String step, String reason) {
        super("the child would not verify: step " + step + ", " + reason);
        this.step = step;
    }

    /** The step of AAT-02 section 5 that the child would fail, or {@code task:<member>}. */
    public String step() {
        return step;
    }
}
