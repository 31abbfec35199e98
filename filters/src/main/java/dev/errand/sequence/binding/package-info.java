/** The elements of a state: operations as small integers, and argument values as hashes. */
@NullMarked
package dev.errand.sequence.binding;

import org.jspecify.annotations.NullMarked;
