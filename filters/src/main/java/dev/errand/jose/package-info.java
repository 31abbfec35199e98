/** Parsing, signing and verifying with Nimbus and the JCA: the only home of Nimbus. */
@NullMarked
package dev.errand.jose;

import org.jspecify.annotations.NullMarked;
