/** Refusals: a call that is not permitted is counted on its task, recorded, and answered. */
@NullMarked
package dev.errand.web.refusal;

import org.jspecify.annotations.NullMarked;
