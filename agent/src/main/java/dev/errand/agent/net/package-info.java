/** Connections to the gateway, and the companion's own requests over them. */
@NullMarked
package dev.errand.agent.net;

import org.jspecify.annotations.NullMarked;
