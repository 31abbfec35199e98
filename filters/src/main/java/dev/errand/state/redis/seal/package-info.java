/** Codes that prove who wrote a value of the store, and the sealing of secrets. */
@NullMarked
package dev.errand.state.redis.seal;

import org.jspecify.annotations.NullMarked;
