/** The files of a log and their formats: segments, tiles, checkpoints and the lock. */
@NullMarked
package dev.errand.provenance.log.file;

import org.jspecify.annotations.NullMarked;
