/** The credentials that an upstream itself wants, and that an agent never holds. */
@NullMarked
package dev.errand.credential;

import org.jspecify.annotations.NullMarked;
