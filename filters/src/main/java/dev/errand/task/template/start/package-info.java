/** What a template requires of the start of a task: who may start it, who may hold it, how often. */
@NullMarked
package dev.errand.task.template.start;

import org.jspecify.annotations.NullMarked;
