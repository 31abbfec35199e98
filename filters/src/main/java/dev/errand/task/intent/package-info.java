/** What a human's own words fix for a task: pinned arguments, and arguments that no later content can choose. Pure. */
@NullMarked
package dev.errand.task.intent;

import org.jspecify.annotations.NullMarked;
