/** The connections to the store, and the script that they run. */
@NullMarked
package dev.errand.state.redis.link;

import org.jspecify.annotations.NullMarked;
