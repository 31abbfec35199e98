/**
 * The agent's side of a delegation: its key, its proofs and the tokens that it derives. Independent of Spring; the only
 * I/O is of key files.
 */
@NullMarked
package dev.errand.holder;

import org.jspecify.annotations.NullMarked;
