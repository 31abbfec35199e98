/** The operator's API and console. */
@NullMarked
package dev.errand.operator;

import org.jspecify.annotations.NullMarked;
