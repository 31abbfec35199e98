/** The index of the fleet's tasks, and the sealed tables that replicas share, in Redis. */
@NullMarked
package dev.errand.state.redis.fleet;

import org.jspecify.annotations.NullMarked;
