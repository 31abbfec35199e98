/** {@code errand login}. */
@NullMarked
package dev.errand.cli.login;

import org.jspecify.annotations.NullMarked;
