/** The shared state in Redis: the stores of tasks and of starts, and the lanes of the steps of each task. */
@NullMarked
package dev.errand.state.redis;

import org.jspecify.annotations.NullMarked;
