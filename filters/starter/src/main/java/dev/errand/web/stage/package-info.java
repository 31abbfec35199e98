/** The stages of a call: caller, operation, limits, step, record, answer. */
@NullMarked
package dev.errand.web.stage;

import org.jspecify.annotations.NullMarked;
