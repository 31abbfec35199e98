/** The other commands. */
@NullMarked
package dev.errand.cli;

import org.jspecify.annotations.NullMarked;
