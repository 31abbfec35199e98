/** What a replica leaves in the store so that another can give its credentials back. */
@NullMarked
package dev.errand.state.redis.left;

import org.jspecify.annotations.NullMarked;
