/** The values in a template's constraints, and the parameters inside these values. */
@NullMarked
package dev.errand.task.template.value;

import org.jspecify.annotations.NullMarked;
