/** The seam to the state that all replicas share, and its Redis implementation: the only home of Lettuce. */
@NullMarked
package dev.errand.state;

import org.jspecify.annotations.NullMarked;
