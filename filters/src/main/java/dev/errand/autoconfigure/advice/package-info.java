/** The warnings of {@code errand check}: a configuration that can run and is probably not what the operator meant. */
@NullMarked
package dev.errand.autoconfigure.advice;

import org.jspecify.annotations.NullMarked;
