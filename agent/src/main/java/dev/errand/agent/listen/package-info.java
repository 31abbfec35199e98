/** What tools connect to: listeners, their connections, and how their paths map to the gateway's. */
@NullMarked
package dev.errand.agent.listen;

import org.jspecify.annotations.NullMarked;
