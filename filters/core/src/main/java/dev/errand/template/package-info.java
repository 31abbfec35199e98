/**
 * Task templates: the operator's policy for one kind of task, parsed from YAML and compiled when it is loaded. Pure,
 * except for reading files.
 */
@NullMarked
package dev.errand.template;

import org.jspecify.annotations.NullMarked;
