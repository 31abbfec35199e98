/** The sink for a Redis Stream. */
@NullMarked
package dev.errand.sink.redis;

import org.jspecify.annotations.NullMarked;
