package dev.errand.operation.answer;

import java.util.Locale;

/** Why no value was taken of an answer. A closed list, since each is a label of a metric. */
public enum Ignored {
    /** It is neither JSON nor, of a JSON-RPC server, an event stream. */
    TYPE,
    /** It has a {@code Content-Encoding}. */
    ENCODED,
    /** It is a part of a representation. */
    PARTIAL,
    /** It has no body. */
    EMPTY,
    /** It, or the event that holds it, is longer than what is read. */
    TOO_LONG,
    /** It is not JSON. */
    MALFORMED,
    /** An event stream ended without the answer. */
    UNANSWERED,
    /** It broke off, or the agent left. */
    BROKEN,
    /** The format of the state keeps no values. */
    FORMAT;

    /** The word in the metric. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
