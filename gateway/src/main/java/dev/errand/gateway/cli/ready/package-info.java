/** The command that asks a running gateway whether it takes calls. */
@NullMarked
package dev.errand.gateway.cli.ready;

import org.jspecify.annotations.NullMarked;
