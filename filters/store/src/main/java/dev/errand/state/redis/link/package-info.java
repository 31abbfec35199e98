/** Connections to Redis, one script. */
@NullMarked
package dev.errand.state.redis.link;

import org.jspecify.annotations.NullMarked;
