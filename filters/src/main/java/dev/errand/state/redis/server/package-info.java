/** A Redis of our own, for those who have none. */
@NullMarked
package dev.errand.state.redis.server;

import org.jspecify.annotations.NullMarked;
