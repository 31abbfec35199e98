/** The beans and metrics of the shared state. */
@NullMarked
package dev.errand.autoconfigure.state;

import org.jspecify.annotations.NullMarked;
