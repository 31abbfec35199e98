/** Commands that read whole logs: they compare granted with used authority, decide again, or learn a template. */
@NullMarked
package dev.errand.gateway.cli.audit;

import org.jspecify.annotations.NullMarked;
