/** The sinks that copies of the log go to. */
@NullMarked
package dev.errand.autoconfigure.sink;

import org.jspecify.annotations.NullMarked;
