/** The one step: a class for each kind of step. */
@NullMarked
package dev.errand.task.step;

import org.jspecify.annotations.NullMarked;
