/** {@code errand init}, and the stand-ins for a first run. */
@NullMarked
package dev.errand.cli.dev;

import org.jspecify.annotations.NullMarked;
