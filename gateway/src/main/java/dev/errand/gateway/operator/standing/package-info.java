/** The present state of one task, its grant and its limits: facts that are not in the logs. */
@NullMarked
package dev.errand.gateway.operator.standing;

import org.jspecify.annotations.NullMarked;
