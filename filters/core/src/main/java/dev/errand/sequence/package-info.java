/** The plan, as an automaton, and its state together with the rules. */
@NullMarked
package dev.errand.sequence;

import org.jspecify.annotations.NullMarked;
