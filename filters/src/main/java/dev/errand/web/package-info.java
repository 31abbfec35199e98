/** The gateway filters and the answers: the only home of the exchange. */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;
