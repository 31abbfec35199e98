/** Keys and trust, at the start and when they change. */
@NullMarked
package dev.errand.autoconfigure.trust;

import org.jspecify.annotations.NullMarked;
