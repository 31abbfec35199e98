package dev.errand.delegation.chain;

/** Ends a verification at the first step that does not hold; never leaves the package. */
final class StepException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String step;

    StepException(String step, String reason) {
        super(reason, null, false, false);
        this.step = step;
    }

    static void require(boolean holds, String step, String reason) throws StepException {
        if (!holds) {
            throw new StepException(step, reason);
        }
    }

    String step() {
        return step;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    ChainResult.Rejected rejected() {
        return new ChainResult.Rejected(step, reason());
    }
}
