/** The shared state and what is measured of it. */
@NullMarked
package dev.errand.autoconfigure.state;

import org.jspecify.annotations.NullMarked;
