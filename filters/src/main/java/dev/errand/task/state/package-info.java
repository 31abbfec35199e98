/** The shared state of one task, as a value that all replicas agree on. Pure. */
@NullMarked
package dev.errand.task.state;

import org.jspecify.annotations.NullMarked;
