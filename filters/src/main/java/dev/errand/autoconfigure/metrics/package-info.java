/** What the gateway knows of its own state, as metrics and log lines. */
@NullMarked
package dev.errand.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
