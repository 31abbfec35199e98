/** Operations as small integers and argument values as hashes: what state is made of. */
@NullMarked
package dev.errand.sequence.binding;

import org.jspecify.annotations.NullMarked;
