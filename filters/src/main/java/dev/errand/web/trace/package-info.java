/** The times of a call under way, for its spans. None of these classes is used where traces are off. */
@NullMarked
package dev.errand.web.trace;

import org.jspecify.annotations.NullMarked;
