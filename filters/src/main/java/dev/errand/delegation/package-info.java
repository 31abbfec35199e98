/** Delegation tokens (AAT-02): token, constraints, subsumption, attenuation, and the verification of a chain step by step. Pure. */
@NullMarked
package dev.errand.delegation;

import org.jspecify.annotations.NullMarked;
