/** Plan and rules of a task, compiled to automata with a pure, total advance. */
@NullMarked
package dev.errand.sequence;

import org.jspecify.annotations.NullMarked;
