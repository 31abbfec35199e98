/** The whole fleet, wired. */
@NullMarked
package dev.errand.autoconfigure.fleet;

import org.jspecify.annotations.NullMarked;
