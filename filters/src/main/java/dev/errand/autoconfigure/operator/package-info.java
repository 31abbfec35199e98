/** What the configuration says of operators, and what is wrong with it. */
@NullMarked
package dev.errand.autoconfigure.operator;

import org.jspecify.annotations.NullMarked;
