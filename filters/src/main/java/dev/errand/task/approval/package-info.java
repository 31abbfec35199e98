/** Calls that a human is asked about: who may decide, what is asked, and what became of it. Pure. */
@NullMarked
package dev.errand.task.approval;

import org.jspecify.annotations.NullMarked;
