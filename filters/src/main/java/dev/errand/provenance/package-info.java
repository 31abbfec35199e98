/** The record of every decision, its Merkle log, checkpoints and proofs. */
@NullMarked
package dev.errand.provenance;

import org.jspecify.annotations.NullMarked;
