/** What {@code application.yaml} may say, and where each of its words stands. Reads no bean and opens nothing but that file. */
@NullMarked
package dev.errand.autoconfigure.check;

import org.jspecify.annotations.NullMarked;
