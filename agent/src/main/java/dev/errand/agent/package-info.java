/** The command {@code errand agent}: its options, and a run of it. */
@NullMarked
package dev.errand.agent;

import org.jspecify.annotations.NullMarked;
