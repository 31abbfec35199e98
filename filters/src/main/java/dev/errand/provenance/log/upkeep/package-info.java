/** The maintenance of a log: its index, its archive, and the removal of old records. */
@NullMarked
package dev.errand.provenance.log.upkeep;

import org.jspecify.annotations.NullMarked;
