/** Workload identity: SVIDs, and the trust bundles that verify them. */
@NullMarked
package dev.errand.jose.spiffe;

import org.jspecify.annotations.NullMarked;
