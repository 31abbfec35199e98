/** Buckets. */
@NullMarked
package dev.errand.limit;

import org.jspecify.annotations.NullMarked;
