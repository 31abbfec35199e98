/** Verifies a delegation chain, and the proof for it, step by step (AAT-02 section 5). Pure. */
@NullMarked
package dev.errand.token;

import org.jspecify.annotations.NullMarked;
