/** Children of a companion's token: asked for, and derived. */
@NullMarked
package dev.errand.agent.derive;

import org.jspecify.annotations.NullMarked;
