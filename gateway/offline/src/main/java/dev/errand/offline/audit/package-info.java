/** Compares what templates grant with what their tasks used, and proposes smaller templates that suffice. Pure. */
@NullMarked
package dev.errand.offline.audit;

import org.jspecify.annotations.NullMarked;
