/** A human's login at a real identity provider, from the command line. */
@NullMarked
package dev.errand.cli.login;

import org.jspecify.annotations.NullMarked;
