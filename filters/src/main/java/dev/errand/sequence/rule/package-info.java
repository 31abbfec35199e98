/** Rules beside the plan: Dwyer's absence, precedence and bounded existence. */
@NullMarked
package dev.errand.sequence.rule;

import org.jspecify.annotations.NullMarked;
