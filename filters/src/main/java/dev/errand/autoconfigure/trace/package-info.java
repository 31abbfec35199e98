/** Traces, where Spring Boot's own key for them says so. */
@NullMarked
package dev.errand.autoconfigure.trace;

import org.jspecify.annotations.NullMarked;
