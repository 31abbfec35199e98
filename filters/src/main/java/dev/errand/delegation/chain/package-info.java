/** Verification of a delegation chain and of the proof that goes with it, step by step (AAT-02 section 5). Pure. */
@NullMarked
package dev.errand.delegation.chain;

import org.jspecify.annotations.NullMarked;
