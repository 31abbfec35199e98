/** The log as a gateway writes it: appending, sealing by checkpoints, and going on after a stop. */
@NullMarked
package dev.errand.provenance.log;

import org.jspecify.annotations.NullMarked;
