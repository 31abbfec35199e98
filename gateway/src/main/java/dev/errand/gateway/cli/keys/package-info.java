/** The commands that make private keys. */
@NullMarked
package dev.errand.gateway.cli.keys;

import org.jspecify.annotations.NullMarked;
