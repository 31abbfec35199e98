/** The data types of a task: the steps that change it, their outcomes, and the policy that judges them. Pure. */
@NullMarked
package dev.errand.task;

import org.jspecify.annotations.NullMarked;
