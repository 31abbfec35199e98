/** The SPIFFE Workload API: the one call that is needed. */
@NullMarked
package dev.errand.agent.workload;

import org.jspecify.annotations.NullMarked;
