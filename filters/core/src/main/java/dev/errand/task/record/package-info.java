/** The stored form of a task. */
@NullMarked
package dev.errand.task.record;

import org.jspecify.annotations.NullMarked;
