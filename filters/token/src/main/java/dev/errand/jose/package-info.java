/** Parsing, signing and verifying with Nimbus and the JCA. No other package uses Nimbus. */
@NullMarked
package dev.errand.jose;

import org.jspecify.annotations.NullMarked;
