/** The second stage of a call: which operations it means, and whether the leaf token grants them. */
@NullMarked
package dev.errand.web.operation;

import org.jspecify.annotations.NullMarked;
