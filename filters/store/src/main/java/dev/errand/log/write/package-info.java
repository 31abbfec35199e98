/** The log as it is written, its upkeep and retention. */
@NullMarked
package dev.errand.log.write;

import org.jspecify.annotations.NullMarked;
