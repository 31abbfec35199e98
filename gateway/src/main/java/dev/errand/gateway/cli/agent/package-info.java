/** A client of the token endpoint over real HTTP. */
@NullMarked
package dev.errand.gateway.cli.agent;

import org.jspecify.annotations.NullMarked;
