package dev.errand.token;

/** The parts of a token with a verified signature that verify the next token's signature, or a proof. */
record SignedToken(TokenId id, String jti, HolderKey holder) implements BoundToken {}
