/** The shared state as interfaces, and in memory. */
@NullMarked
package dev.errand.state;

import org.jspecify.annotations.NullMarked;
