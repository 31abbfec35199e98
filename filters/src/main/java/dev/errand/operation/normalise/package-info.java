/** The request target's one spelling: what is refused, and the three things that go on in canonical form. Pure. */
@NullMarked
package dev.errand.operation.normalise;

import org.jspecify.annotations.NullMarked;
