/** The shared state in Redis: one script, few connections, and a server of our own for those who have none. */
@NullMarked
package dev.errand.state.redis;

import org.jspecify.annotations.NullMarked;
