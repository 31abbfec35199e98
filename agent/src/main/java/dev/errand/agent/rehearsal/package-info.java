/** The run from which the companion's start cache is made. */
@NullMarked
package dev.errand.agent.rehearsal;

import org.jspecify.annotations.NullMarked;
