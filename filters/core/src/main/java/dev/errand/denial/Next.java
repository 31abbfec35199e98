package dev.errand.denial;

import java.util.Locale;

/** What the agent of a refused call should do next: a closed list, the same for every form of a refusal. */
public enum Next {
    /** Nothing more can be done under this token, or about this call. */
    STOP("Stop: this refusal ended your task. Tell your user what is left to do."),
    /** A human decides; afterwards the same call passes or does not. */
    WAIT("Wait until a human has decided, and then make exactly the same call again."),
    /** The same call may pass later, or with what the answer asks for. */
    RETRY("Wait a moment, and then send the same call again."),
    /** The upstream may have acted. */
    CHECK(
            "Do not repeat the call yet: it may have happened. Look at what it would have changed, and repeat it only if it did not."),
    /** A human would have been asked, and could not be. */
    ASK("Do not repeat this call now: a human has to allow it, and could not be asked. Tell your user."),
    /** Another call may pass, not this one. */
    CHANGE("Do not repeat this call unchanged. Change it as the detail says, or go on without it.");

    private final String instruction;
    private final String wire;

    Next(String instruction) {
        this.instruction = instruction;
        this.wire = name().toLowerCase(Locale.ROOT);
    }

    /**
     * The first that fits a refusal.
     *
     * @param status the HTTP status of the refusal
     * @param ended whether this refusal ended the task or the token
     * @param nonce whether the gateway asks for a proof with its nonce
     * @param unsent whether the upstream got nothing of the request
     */
    public static Next of(Denial denial, int status, boolean ended, boolean nonce, boolean unsent) {
        if (ended || isFinal(denial.reason())) {
            return STOP;
        }
        if (denial.reason() == DenyReason.APPROVAL_REQUIRED) {
            return WAIT;
        }
        boolean passes = status == 429 || unsent && (status == 502 || status == 503 || status == 504);
        if (passes || nonce || denial.reason() == DenyReason.CHAIN_INCOMPLETE || denial.isPending()) {
            return RETRY;
        }
        if (!unsent) {
            return CHECK;
        }
        return denial.unasked() ? ASK : CHANGE;
    }

    private static boolean isFinal(DenyReason reason) {
        return switch (reason) {
            case TASK_ENDED, INVALID_TOKEN, IDENTITY_MISMATCH, APPROVAL_REFUSED, BUDGET_EXHAUSTED -> true;
            default -> false;
        };
    }

    /** The word on the wire, such as {@code retry}. */
    public String wire() {
        return wire;
    }

    /** What the agent should do after a refusal of this code, in one or two sentences that speak to it. */
    public String instruction(DenyReason reason) {
        return this == usual(reason) ? reason.instruction() : instruction;
    }

    /** What fits a refusal of the code if nothing else is known of it. */
    static Next usual(DenyReason reason) {
        return of(new Denial(reason, null, ""), reason.status(), false, false, true);
    }
}
