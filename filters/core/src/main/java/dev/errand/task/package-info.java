/** The nouns of a task: steps as data, their results, policy, state, approvals. */
@NullMarked
package dev.errand.task;

import org.jspecify.annotations.NullMarked;
