/**
 * Task templates: the operator's policy for one kind of task, parsed from YAML and compiled when it is loaded. Pure.
 */
@NullMarked
package dev.errand.task.template;

import org.jspecify.annotations.NullMarked;
