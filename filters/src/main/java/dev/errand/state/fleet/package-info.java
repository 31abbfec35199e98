/** What the index of the fleet's tasks holds, as values. */
@NullMarked
package dev.errand.state.fleet;

import org.jspecify.annotations.NullMarked;
