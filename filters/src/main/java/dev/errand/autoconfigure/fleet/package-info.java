/** The beans of the fleet. */
@NullMarked
package dev.errand.autoconfigure.fleet;

import org.jspecify.annotations.NullMarked;
