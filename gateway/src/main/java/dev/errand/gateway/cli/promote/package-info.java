/** The command that puts a candidate in its template's place. */
@NullMarked
package dev.errand.gateway.cli.promote;

import org.jspecify.annotations.NullMarked;
