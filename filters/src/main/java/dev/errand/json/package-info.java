/**
 * JSON as a delegation token needs it: duplicate members refused, numbers kept as they were written, canonical form by
 * RFC 8785. Pure: no I/O, no clock.
 */
@NullMarked
package dev.errand.json;

import org.jspecify.annotations.NullMarked;
