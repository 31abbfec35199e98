/** A Redis that the gateway starts itself, for users who have none. */
@NullMarked
package dev.errand.state.redis.server;

import org.jspecify.annotations.NullMarked;
