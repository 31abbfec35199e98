/** The errand command. */
@NullMarked
package dev.errand.cli;

import org.jspecify.annotations.NullMarked;
