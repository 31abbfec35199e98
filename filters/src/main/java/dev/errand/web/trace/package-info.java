/** The times of a call under way, for its spans. Where traces are off, no object of these classes exists. */
@NullMarked
package dev.errand.web.trace;

import org.jspecify.annotations.NullMarked;
