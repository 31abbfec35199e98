/** Log lines: those of commands, and those that clients cause (one line each, no stack trace, a bounded number per second). */
@NullMarked
package dev.errand.gateway.lines;

import org.jspecify.annotations.NullMarked;
