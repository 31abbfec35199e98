/** The files of a log and their formats: segments, tiles, checkpoints and the lock. */
@NullMarked
package dev.errand.log.proof;

import org.jspecify.annotations.NullMarked;
