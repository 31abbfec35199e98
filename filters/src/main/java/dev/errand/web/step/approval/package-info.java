/** Calls that wait for a human: what the human is asked, the limit of requests, and their records. */
@NullMarked
package dev.errand.web.step.approval;

import org.jspecify.annotations.NullMarked;
