/** Log lines that clients cause: one line each, no stack trace, and a bounded number per second. */
@NullMarked
package dev.errand.gateway.lines;

import org.jspecify.annotations.NullMarked;
