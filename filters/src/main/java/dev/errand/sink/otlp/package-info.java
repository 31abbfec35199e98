/** The sink at an OpenTelemetry collector; the only home of OpenTelemetry. */
@NullMarked
package dev.errand.sink.otlp;

import org.jspecify.annotations.NullMarked;
