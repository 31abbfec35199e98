/** The commands that get, derive, prove and end tokens. */
@NullMarked
package dev.errand.gateway.cli.token;

import org.jspecify.annotations.NullMarked;
