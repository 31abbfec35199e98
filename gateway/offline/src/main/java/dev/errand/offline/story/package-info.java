/** A record, and a task's history, in words. */
@NullMarked
package dev.errand.offline.story;

import org.jspecify.annotations.NullMarked;
