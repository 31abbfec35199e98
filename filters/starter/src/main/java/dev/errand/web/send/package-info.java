/** Sending the call, and the head of its answer. */
@NullMarked
package dev.errand.web.send;

import org.jspecify.annotations.NullMarked;
