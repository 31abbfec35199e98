/** Reconstructs a task from its records: who asked for it, who held it, what was called, and how it ended. */
@NullMarked
package dev.errand.offline.reconstruct;

import org.jspecify.annotations.NullMarked;
