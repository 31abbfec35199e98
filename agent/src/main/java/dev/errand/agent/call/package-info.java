/** The calls of tools, on one event loop; the companion's token and proofs. */
@NullMarked
package dev.errand.agent.call;

import org.jspecify.annotations.NullMarked;
