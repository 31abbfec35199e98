/** The credentials that a replica keeps in the store, so that another replica can give them back. */
@NullMarked
package dev.errand.state.redis.left;

import org.jspecify.annotations.NullMarked;
