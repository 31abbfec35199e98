/** The values that a template's constraints are made of, and the parameters that stand in them. */
@NullMarked
package dev.errand.task.template.value;

import org.jspecify.annotations.NullMarked;
