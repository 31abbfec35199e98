/** The canonical form of the request target, and what is refused. Pure. */
@NullMarked
package dev.errand.operation.normalise;

import org.jspecify.annotations.NullMarked;
