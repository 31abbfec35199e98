/** Proves the properties of a configuration's templates, and compares two configurations. */
@NullMarked
package dev.errand.offline.proof;

import org.jspecify.annotations.NullMarked;
