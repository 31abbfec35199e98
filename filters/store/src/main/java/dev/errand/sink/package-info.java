/** Copies of the log elsewhere, security events. */
@NullMarked
package dev.errand.sink;

import org.jspecify.annotations.NullMarked;
