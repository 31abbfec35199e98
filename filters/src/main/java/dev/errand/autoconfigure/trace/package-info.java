/** Traces, if Spring Boot's own keys configure a collector for them. */
@NullMarked
package dev.errand.autoconfigure.trace;

import org.jspecify.annotations.NullMarked;
