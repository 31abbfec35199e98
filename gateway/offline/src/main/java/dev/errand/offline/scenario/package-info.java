/** The scenarios of {@code errand test}. */
@NullMarked
package dev.errand.offline.scenario;

import org.jspecify.annotations.NullMarked;
