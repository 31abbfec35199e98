/** The sink for an OpenTelemetry collector. OpenTelemetry is used only for this sink and for traces. */
@NullMarked
package dev.errand.sink.otlp;

import org.jspecify.annotations.NullMarked;
