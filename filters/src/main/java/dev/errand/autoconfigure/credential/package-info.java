/** Beans, settings and checks for the credentials of tasks. */
@NullMarked
package dev.errand.autoconfigure.credential;

import org.jspecify.annotations.NullMarked;
