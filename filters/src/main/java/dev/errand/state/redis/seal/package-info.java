/** What shows who wrote a value of the store. */
@NullMarked
package dev.errand.state.redis.seal;

import org.jspecify.annotations.NullMarked;
