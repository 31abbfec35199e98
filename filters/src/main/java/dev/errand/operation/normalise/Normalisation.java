package dev.errand.operation.normalise;

import dev.errand.json.Folding;

/**
 * How one API's request targets are spelled. Everything that no setting speaks of is the same for all.
 *
 * @param encodedSlash what {@code %2F} in a path means
 * @param trailingSlash what a slash at the end of a path means
 * @param emptySegments whether {@code //} is data (object keys) instead of malformed
 * @param openQuery whether query keys that the operation does not declare may pass
 * @param semicolons whether an encoded semicolon is data (object keys) instead of malformed; a raw one never passes
 * @param folding which spellings of a resource are one to the server
 */
public record Normalisation(
        EncodedSlash encodedSlash,
        TrailingSlash trailingSlash,
        boolean emptySegments,
        boolean openQuery,
        boolean semicolons,
        Folding folding) {
    /** What a catalogue means that says nothing. */
    public static final Normalisation DEFAULT =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, false, false);

    /** The spelling of an API whose paths have no semicolon, and whose server folds nothing. */
    public Normalisation(
            EncodedSlash encodedSlash, TrailingSlash trailingSlash, boolean emptySegments, boolean openQuery) {
        this(encodedSlash, trailingSlash, emptySegments, openQuery, false, Folding.NONE);
    }

    /** The same spelling, but with semicolons in keys. */
    public Normalisation withSemicolons() {
        return new Normalisation(encodedSlash, trailingSlash, emptySegments, openQuery, true, folding);
    }

    /** {@code %2F} in a path. */
    public enum EncodedSlash {
        /** Malformed. */
        REJECT,
        /** Data within its segment: the resource keeps {@code %2F}. */
        LITERAL,
        /** A slash, and sent as one. */
        SEPARATOR
    }

    /** A slash at the end of a path. */
    public enum TrailingSlash {
        /** Only a template that ends in one matches. */
        DISTINCT,
        /** Dropped before the request is sent. */
        IGNORE,
        /** Malformed. */
        REJECT
    }
}
