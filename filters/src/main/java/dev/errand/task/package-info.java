/** Templates, the state of a task, and the one step that changes it, as data. Pure. */
@NullMarked
package dev.errand.task;

import org.jspecify.annotations.NullMarked;
