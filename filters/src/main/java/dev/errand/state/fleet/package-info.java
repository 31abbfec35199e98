/** The values in the index of the fleet's tasks. */
@NullMarked
package dev.errand.state.fleet;

import org.jspecify.annotations.NullMarked;
