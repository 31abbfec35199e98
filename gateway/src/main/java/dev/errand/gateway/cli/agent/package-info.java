/** A client of one gateway over real HTTP: it starts tasks, makes calls with proofs, and ends tokens. */
@NullMarked
package dev.errand.gateway.cli.agent;

import org.jspecify.annotations.NullMarked;
