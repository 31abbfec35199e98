/** Finished calls as spans at an OpenTelemetry collector. */
@NullMarked
package dev.errand.trace;

import org.jspecify.annotations.NullMarked;
