/**
 * {@code TaskLimits} and {@code TaskSequence}: the one atomic step on the state of a call's task, and the outcome of
 * the call.
 */
@NullMarked
package dev.errand.web.step;

import org.jspecify.annotations.NullMarked;
