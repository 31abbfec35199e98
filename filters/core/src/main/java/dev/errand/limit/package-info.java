/** Token buckets and budgets of a task, its operations and every token of a chain. Pure. */
@NullMarked
package dev.errand.limit;

import org.jspecify.annotations.NullMarked;
