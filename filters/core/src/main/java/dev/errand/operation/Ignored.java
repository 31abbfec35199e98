package dev.errand.operation;

import java.util.Locale;

/** Why no value of an answer is used. A closed list, since each reason is a label of a metric. */
public enum Ignored {
    /** The answer is neither JSON nor, from a JSON-RPC server, an event stream. */
    TYPE,
    /** The answer has a {@code Content-Encoding}. */
    ENCODED,
    /** The answer is only a part of a representation. */
    PARTIAL,
    /** The answer has no body. */
    EMPTY,
    /** The answer, or the event that holds it, is longer than is read. */
    TOO_LONG,
    /** The answer is not JSON. */
    MALFORMED,
    /** An event stream ended without the response. */
    UNANSWERED,
    /** The answer broke off, or the agent left. */
    BROKEN;

    /** The word in the metric. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
