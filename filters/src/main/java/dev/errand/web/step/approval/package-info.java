/** Calls that wait for a human: what is asked of them, the limit of requests, and their records. */
@NullMarked
package dev.errand.web.step.approval;

import org.jspecify.annotations.NullMarked;
