/** Commands that look at whole logs: what was granted and used, decided again, learnt from. */
@NullMarked
package dev.errand.gateway.cli.audit;

import org.jspecify.annotations.NullMarked;
