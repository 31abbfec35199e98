package dev.errand.operation;

import dev.errand.json.Folding;

/**
 * How the request targets of one API may be spelled. All other rules of spelling are the same for every API.
 *
 * @param encodedSlash what {@code %2F} in a path means
 * @param trailingSlash what a slash at the end of a path means
 * @param emptySegments whether {@code //} is data (object keys) instead of malformed
 * @param openQuery whether query keys that the operation does not declare may pass
 * @param semicolons whether an encoded semicolon is data (object keys) instead of malformed; a raw one never passes
 * @param folding which spellings of a resource are the same to the server
 */
public record Normalisation(
        EncodedSlash encodedSlash,
        TrailingSlash trailingSlash,
        boolean emptySegments,
        boolean openQuery,
        boolean semicolons,
        Folding folding) {
    /** The spelling of a catalogue without such keys. */
    public static final Normalisation DEFAULT =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, false, false);

    /** The spelling for an API whose paths have no semicolons, and whose server folds nothing. */
    public Normalisation(
            EncodedSlash encodedSlash, TrailingSlash trailingSlash, boolean emptySegments, boolean openQuery) {
        this(encodedSlash, trailingSlash, emptySegments, openQuery, false, Folding.NONE);
    }

    /** The same spelling, which also allows semicolons in keys. */
    public Normalisation withSemicolons() {
        return new Normalisation(encodedSlash, trailingSlash, emptySegments, openQuery, true, folding);
    }

    /** {@code %2F} in a path. */
    public enum EncodedSlash {
        /** Malformed. */
        REJECT,
        /** Data within its segment: the resource has {@code %2F}. */
        LITERAL,
        /** A slash. It is sent as a slash. */
        SEPARATOR
    }

    /** A slash at the end of a path. */
    public enum TrailingSlash {
        /** Only a template with a slash at its end matches. */
        DISTINCT,
        /** Dropped before the request is sent. */
        IGNORE,
        /** Malformed. */
        REJECT
    }
}
