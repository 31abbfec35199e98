/** How one task stands now, and what its template grants and bounds: what the logs alone do not tell. */
@NullMarked
package dev.errand.gateway.operator.standing;

import org.jspecify.annotations.NullMarked;
