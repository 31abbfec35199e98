package dev.errand.token;

import dev.errand.json.Printable;

/** Ends a verification at the first step that fails. It never leaves the package. */
final class StepException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int MAX_REASON = 256;

    private final String step;

    /** @param reason may quote names from a token; they are escaped, so that they cannot add or hide lines */
    StepException(String step, String reason) {
        super(Printable.line(reason, MAX_REASON), null, false, false);
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

    ChainResult.Refused rejected() {
        return new ChainResult.Refused(step, reason());
    }
}
