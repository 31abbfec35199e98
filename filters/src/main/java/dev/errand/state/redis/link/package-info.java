/** The connections to the store, and the one script that goes over them. */
@NullMarked
package dev.errand.state.redis.link;

import org.jspecify.annotations.NullMarked;
