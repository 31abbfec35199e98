package dev.errand.operation;

/**
 * The rule for request headers of one name, or of one prefix of names. Immutable.
 *
 * @param fate what happens to the header
 * @param pattern the name in lower case; a {@code *} at its end stands for any ending
 */
public record HeaderRule(Fate fate, String pattern) {
    /** What happens to a header. Of several rules for one name, the one whose fate comes last in this order applies. */
    public enum Fate {
        /** No list has it. Whether it is removed or the request is malformed depends on the operation's effect. */
        UNLISTED,
        /** It is removed: clients add it, and it changes nothing. */
        HARMLESS,
        /** The upstream gets it as the agent sent it. */
        PASSES,
        /** It ends at the gateway (CONTRACT.md section 5, and hop-by-hop fields). No catalogue can let it pass. */
        ENDS,
        /** It states who calls, and is removed, since only the gateway may say that. */
        REMOVED,
        /** It changes what the server does, so the request is malformed. */
        REFUSED,
        /** It overrides the method or the URL of the request, which is malformed for every API. */
        OVERRIDES,
        /** The catalogue lets exactly this name pass, whatever another list says. */
        ALLOWED
    }

    /** The rule for a name that no list has. */
    static final HeaderRule UNLISTED = new HeaderRule(Fate.UNLISTED, "*");

    /** The rule for a name that no list has, if the catalogue lets all of these pass. */
    static final HeaderRule ANY = new HeaderRule(Fate.PASSES, "*");

    /** Whether the upstream gets the header. */
    public boolean passes() {
        return fate == Fate.PASSES || fate == Fate.ALLOWED;
    }

    /** Whether a request with the header is malformed. */
    public boolean refuses() {
        return fate == Fate.REFUSED || fate == Fate.OVERRIDES;
    }
}
