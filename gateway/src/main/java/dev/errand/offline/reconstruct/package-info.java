/** A task as its records tell it: who asked for it, who held it, what was called, and how it ended. */
@NullMarked
package dev.errand.offline.reconstruct;

import org.jspecify.annotations.NullMarked;
