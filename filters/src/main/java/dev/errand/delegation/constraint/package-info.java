/** The constraint vocabulary of AAT-02 sections 2 and 3: parsing, checking, subsumption, argument maps and narrowing. Pure. */
@NullMarked
package dev.errand.delegation.constraint;

import org.jspecify.annotations.NullMarked;
