/** Which local user has the other end of a connection on loopback. */
@NullMarked
package dev.errand.agent.peer;

import org.jspecify.annotations.NullMarked;
