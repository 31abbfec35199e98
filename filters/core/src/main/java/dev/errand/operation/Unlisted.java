package dev.errand.operation;

/** What a catalogue does with request headers that no list has. */
public enum Unlisted {
    /** They are removed where the operation reads or lists, and refused where it does anything else. */
    BY_EFFECT,
    /** They are removed. */
    REMOVE,
    /** A request with one is malformed. */
    REFUSE,
    /** The upstream gets them. */
    PASS;

    /** Whether a request of an operation with this effect is malformed because of such a header. */
    boolean refuses(Effect effect) {
        return this == REFUSE || (this == BY_EFFECT && effect != Effect.READ && effect != Effect.LIST);
    }
}
