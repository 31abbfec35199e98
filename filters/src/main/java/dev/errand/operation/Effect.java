package dev.errand.operation;

import java.util.Locale;

/** What an operation does to its upstream: the one property that rules can use across APIs without listing ids. */
public enum Effect {
    READ,
    LIST,
    WRITE,
    DELETE,
    EXECUTE,
    ADMIN,
    CONNECT,
    /** Imported and not yet given an effect by a person: no wildcard grant covers it. */
    UNREVIEWED;

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** The name in catalogues and metrics. */
    public String wire() {
        return wire;
    }
}
