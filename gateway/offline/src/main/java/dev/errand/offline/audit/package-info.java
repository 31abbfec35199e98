/** Compares logs with grants. */
@NullMarked
package dev.errand.offline.audit;

import org.jspecify.annotations.NullMarked;
