/** The shared state in Redis: one script, one connection, and a server of our own for those who have none. */
@NullMarked
package dev.errand.state.redis;

import org.jspecify.annotations.NullMarked;
