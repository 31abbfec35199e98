package dev.errand.operation.header;

/**
 * The treatment of the request headers with one name, or with one beginning of their names. Immutable.
 *
 * @param fate the treatment
 * @param pattern the name in lower case, with {@code -} for {@code _}; a {@code *} at its end stands for any ending
 */
public record HeaderRule(Fate fate, String pattern) {
    /** The rule of every name that no other rule speaks of. */
    static final HeaderRule PASS = new HeaderRule(Fate.PASSES, "*");

    /** What becomes of a header; of several rules for one name the last in this order counts. */
    public enum Fate {
        /** The upstream gets it as the agent sent it. */
        PASSES,
        /** It ends at the gateway (CONTRACT.md section 5, and hop-by-hop fields): no catalogue can let it pass. */
        ENDS,
        /** It asserts who calls, and is removed: only the gateway may say that. */
        REMOVED,
        /** It changes what the server does, so that the request is malformed. */
        REFUSED,
        /** The header overrides the method or the URL of the request: malformed for every API. */
        OVERRIDES
    }

    /** Whether the upstream gets the header. */
    public boolean passes() {
        return fate == Fate.PASSES;
    }

    /** Whether a request with the header is malformed. */
    public boolean refuses() {
        return fate == Fate.REFUSED || fate == Fate.OVERRIDES;
    }
}
