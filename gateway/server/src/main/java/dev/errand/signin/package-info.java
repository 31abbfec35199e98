/** Sign-ins and sessions of people. */
@NullMarked
package dev.errand.signin;

import org.jspecify.annotations.NullMarked;
