/** Proofs of possession as RFC 9449 (DPoP) has them, and their nonces. */
@NullMarked
package dev.errand.jose.proof;

import org.jspecify.annotations.NullMarked;
