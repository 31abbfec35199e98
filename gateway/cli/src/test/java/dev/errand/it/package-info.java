/** A whole gateway in the test's own process, an upstream that remembers, a human and agents: what calls are tested with. */
@NullMarked
package dev.errand.it;

import org.jspecify.annotations.NullMarked;
