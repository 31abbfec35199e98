package dev.errand.delegation.chain;

import dev.errand.delegation.BoundToken;
import dev.errand.delegation.HolderKey;
import dev.errand.delegation.TokenId;

/** A token whose signature verified, as far as the next one's, or a proof's, is verified by it. */
record SignedToken(TokenId id, String jti, HolderKey holder) implements BoundToken {}
