/** The sink at an OpenTelemetry collector. OpenTelemetry is at home here and in {@code dev.errand.trace}. */
@NullMarked
package dev.errand.sink.otlp;

import org.jspecify.annotations.NullMarked;
