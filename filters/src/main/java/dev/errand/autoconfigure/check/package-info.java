/** Checks what {@code application.yaml} says, and finds the place of each of its words. Needs no bean. */
@NullMarked
package dev.errand.autoconfigure.check;

import org.jspecify.annotations.NullMarked;
