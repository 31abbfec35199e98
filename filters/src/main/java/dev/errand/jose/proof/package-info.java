/** Proofs of possession by RFC 9449 (DPoP), and their nonces. */
@NullMarked
package dev.errand.jose.proof;

import org.jspecify.annotations.NullMarked;
