/** Keys, signatures, proofs. No other package uses Nimbus. */
@NullMarked
package dev.errand.jose;

import org.jspecify.annotations.NullMarked;
