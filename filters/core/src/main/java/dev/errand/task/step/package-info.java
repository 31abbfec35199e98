/** Applies steps to the state of a task: one class for each kind of step, on a working copy. Pure. */
@NullMarked
package dev.errand.task.step;

import org.jspecify.annotations.NullMarked;
