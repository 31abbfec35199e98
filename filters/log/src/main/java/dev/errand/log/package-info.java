/** The record of every decision, its Merkle log, checkpoints and proofs. */
@NullMarked
package dev.errand.log;

import org.jspecify.annotations.NullMarked;
