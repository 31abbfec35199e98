/** Workload identity: SVIDs and the trust bundles that they are judged by. */
@NullMarked
package dev.errand.jose.spiffe;

import org.jspecify.annotations.NullMarked;
