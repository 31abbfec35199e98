/** The amounts that one call takes from a template's buckets. Pure. */
@NullMarked
package dev.errand.task.limit;

import org.jspecify.annotations.NullMarked;
