/** Calls that need a human's approval: who may decide, the request, and its outcome. Pure. */
@NullMarked
package dev.errand.task.approval;

import org.jspecify.annotations.NullMarked;
