/** The plan as written, and the deterministic automaton it compiles to. */
@NullMarked
package dev.errand.sequence.plan;

import org.jspecify.annotations.NullMarked;
