/** The Merkle tree of a log: hashing and proofs by RFC 9162, tiles and checkpoints by C2SP. Pure. */
@NullMarked
package dev.errand.provenance.merkle;

import org.jspecify.annotations.NullMarked;
