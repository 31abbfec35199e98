/** Workload identity: SVIDs, and the trust bundles that verify them. */
@NullMarked
package dev.errand.trust;

import org.jspecify.annotations.NullMarked;
