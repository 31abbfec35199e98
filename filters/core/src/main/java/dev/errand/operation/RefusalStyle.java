package dev.errand.operation;

import java.util.Locale;

/**
 * The form of refusals for the calls of a catalogue, so that the API's own clients can read them. A caller whose
 * {@code Accept} names {@code application/problem+json} always gets {@link #PROBLEM}.
 */
public enum RefusalStyle {
    /** RFC 9457. */
    PROBLEM,
    /** An apiserver's {@code Status}. */
    KUBERNETES,
    /** The XML {@code Error} of S3. */
    S3,
    /** A JSON-RPC error, if the request's id could be read. */
    JSONRPC,
    /** The list of errors of Vault and OpenBao. */
    VAULT,
    /** The list of errors of the OCI distribution specification. */
    OCI,
    /** One line of plain text. */
    TEXT;

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** The word in catalogues. */
    public String wire() {
        return wire;
    }
}
