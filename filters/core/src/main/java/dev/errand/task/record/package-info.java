/** How the state of a task is stored: the formats of its record and of the parts beside it. Pure. */
@NullMarked
package dev.errand.task.record;

import org.jspecify.annotations.NullMarked;
