/** The last stage of a call: its request on the way to the upstream, and the head of the answer. */
@NullMarked
package dev.errand.web.send;

import org.jspecify.annotations.NullMarked;
