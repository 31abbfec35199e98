/** A call: what is known of it, who makes it, and how it may be cut. */
@NullMarked
package dev.errand.web.call;

import org.jspecify.annotations.NullMarked;
