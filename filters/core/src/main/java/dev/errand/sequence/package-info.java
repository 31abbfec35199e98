/** Plan and rules of a task, compiled to automata whose transitions are pure, total functions. */
@NullMarked
package dev.errand.sequence;

import org.jspecify.annotations.NullMarked;
