/**
 * JSON for delegation tokens: duplicate members are refused, numbers keep their original text, and the canonical form
 * is that of RFC 8785. Pure: no I/O, no clock.
 */
@NullMarked
package dev.errand.json;

import org.jspecify.annotations.NullMarked;
