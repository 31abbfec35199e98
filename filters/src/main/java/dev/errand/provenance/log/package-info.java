/** The log as a directory of files: writing, recovering, reading, verifying and proving. */
@NullMarked
package dev.errand.provenance.log;

import org.jspecify.annotations.NullMarked;
