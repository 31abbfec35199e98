/** What a configuration says that can be run, and is not likely to be meant: the warnings of {@code errand check}. */
@NullMarked
package dev.errand.autoconfigure.advice;

import org.jspecify.annotations.NullMarked;
