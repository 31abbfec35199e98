package dev.errand.delegation;

/**
 * A token as far as a child's signature and a proof of possession ask for it. Immutable and thread-safe. That its signature
 * verified is all that is known of it: what it grants, and whether it may be used at all, may be unjudged.
 */
public interface BoundToken {
    /** The hash that a child's {@code par_hash} and a proof name it by. */
    TokenId id();

    /** Its own identifier. */
    String jti();

    /** The key that it is bound to ({@code cnf.jwk}). */
    HolderKey holder();
}
