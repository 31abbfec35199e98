/** The log as a gateway writes it: appending, sealing by checkpoints, and continuing after a stop. */
@NullMarked
package dev.errand.log.write;

import org.jspecify.annotations.NullMarked;
