/** The plan as written, and the deterministic automaton that it is compiled to. */
@NullMarked
package dev.errand.sequence.plan;

import org.jspecify.annotations.NullMarked;
