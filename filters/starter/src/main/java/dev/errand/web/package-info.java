/** The values of a call, its routes, its body, its trace. */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;
