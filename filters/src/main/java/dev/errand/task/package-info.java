/** The words of a task: the steps that change it, as data, what they come to, and what they are judged by. Pure. */
@NullMarked
package dev.errand.task;

import org.jspecify.annotations.NullMarked;
