/** A human's login at a real identity provider, from the command line. */
@NullMarked
package dev.errand.gateway.cli.login;

import org.jspecify.annotations.NullMarked;
