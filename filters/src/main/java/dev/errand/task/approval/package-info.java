/** Calls that a human is asked about: who may decide, the request, and its outcome. Pure. */
@NullMarked
package dev.errand.task.approval;

import org.jspecify.annotations.NullMarked;
