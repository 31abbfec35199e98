/** The closed list of codes. */
@NullMarked
package dev.errand.denial;

import org.jspecify.annotations.NullMarked;
