/** The authorization server of the gateway: its HTTP edge, and the values that all its endpoints answer with. */
@NullMarked
package dev.errand.issuer;

import org.jspecify.annotations.NullMarked;
