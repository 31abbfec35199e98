/** The humans whom tasks run for: verification of tokens of human issuers. */
@NullMarked
package dev.errand.jose.human;

import org.jspecify.annotations.NullMarked;
