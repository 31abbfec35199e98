/** The shared state in Redis: the stores of tasks and of starts, and for each task the lane that applies its steps. */
@NullMarked
package dev.errand.state.redis;

import org.jspecify.annotations.NullMarked;
