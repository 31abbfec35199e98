/** A client of the SPIFFE Workload API, for the one call that the companion needs. */
@NullMarked
package dev.errand.agent.workload;

import org.jspecify.annotations.NullMarked;
