/** The state in Redis: lanes, seals, index of the fleet. */
@NullMarked
package dev.errand.state.redis;

import org.jspecify.annotations.NullMarked;
