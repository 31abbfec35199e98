/** The third stage of a call: the one atomic step on the state of its task, and what became of the call. */
@NullMarked
package dev.errand.web.step;

import org.jspecify.annotations.NullMarked;
