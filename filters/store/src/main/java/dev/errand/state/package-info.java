/** The shared state as interfaces. */
@NullMarked
package dev.errand.state;

import org.jspecify.annotations.NullMarked;
