package dev.errand.operation;

import java.util.Locale;

/** What an operation does to its upstream. Rules can use it for any API without listing ids. */
public enum Effect {
    READ,
    LIST,
    WRITE,
    DELETE,
    EXECUTE,
    ADMIN,
    CONNECT,
    /** Imported, and no person has given it an effect yet: no wildcard grant includes it. */
    UNREVIEWED;

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** Whether the operation may change something: whether a call without an answer happened is then unknown. */
    public boolean changes() {
        return this != READ && this != LIST;
    }

    /** The word in catalogues and metrics. */
    public String wire() {
        return wire;
    }
}
