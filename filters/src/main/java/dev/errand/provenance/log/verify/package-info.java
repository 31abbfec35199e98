/** Verifying a log and proving its records. */
@NullMarked
package dev.errand.provenance.log.verify;

import org.jspecify.annotations.NullMarked;
