/** Listeners, their connections, and who may use them. */
@NullMarked
package dev.errand.agent.listen;

import org.jspecify.annotations.NullMarked;
