/** The credentials that live with tasks, wired and checked. */
@NullMarked
package dev.errand.autoconfigure.credential;

import org.jspecify.annotations.NullMarked;
