/** The errand command. */
@NullMarked
package dev.errand.gateway.cli;

import org.jspecify.annotations.NullMarked;
