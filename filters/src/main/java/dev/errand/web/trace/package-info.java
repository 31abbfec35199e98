/** The times of a call under way, for its spans. There is none of it where traces are off. */
@NullMarked
package dev.errand.web.trace;

import org.jspecify.annotations.NullMarked;
