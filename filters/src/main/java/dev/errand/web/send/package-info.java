/**
 * {@code UpstreamCredential} and what sends: a call's request on the way to the upstream, and the head of the answer.
 */
@NullMarked
package dev.errand.web.send;

import org.jspecify.annotations.NullMarked;
