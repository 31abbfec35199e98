/** Sends finished calls as spans to an OpenTelemetry collector. */
@NullMarked
package dev.errand.trace;

import org.jspecify.annotations.NullMarked;
