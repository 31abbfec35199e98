/** Refusals: how a call is answered that is not permitted, counted, and recorded. */
@NullMarked
package dev.errand.web.refusal;

import org.jspecify.annotations.NullMarked;
