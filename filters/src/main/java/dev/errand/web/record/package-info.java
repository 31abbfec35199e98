/** {@code Provenance}: the permit in the log, and the signed headers that tell the upstream of it. */
@NullMarked
package dev.errand.web.record;

import org.jspecify.annotations.NullMarked;
