package dev.errand.delegation.chain;

import dev.errand.delegation.BoundToken;
import dev.errand.delegation.HolderKey;
import dev.errand.delegation.TokenId;

/** The parts of a token with a verified signature that verify the next token's signature, or a proof. */
record SignedToken(TokenId id, String jti, HolderKey holder) implements BoundToken {}
