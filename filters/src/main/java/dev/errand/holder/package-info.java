/**
 * The agent's side of a delegation: its key, its proofs and the tokens that it derives. Free of Spring, and of I/O
 * except for key files.
 */
@NullMarked
package dev.errand.holder;

import org.jspecify.annotations.NullMarked;
