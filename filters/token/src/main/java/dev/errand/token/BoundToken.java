package dev.errand.token;

/**
 * The parts of a token that are needed to verify a child's signature and a proof of possession. Immutable and
 * thread-safe. Only the token's own signature has been verified: what it grants, and whether it may be used at all, may
 * not have been checked.
 */
public interface BoundToken {
    /** The hash by which a child's {@code par_hash} and a proof refer to the token. */
    TokenId id();

    /** Its own identifier. */
    String jti();

    /** The key that it is bound to ({@code cnf.jwk}). */
    HolderKey holder();
}
