/** The whole fleet as each replica keeps it. */
@NullMarked
package dev.errand.fleet;

import org.jspecify.annotations.NullMarked;
