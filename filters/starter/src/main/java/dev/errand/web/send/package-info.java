/**
 * {@code UpstreamCredential} and the sending filters: a call's request on its way to the upstream, and the head of the answer.
 */
@NullMarked
package dev.errand.web.send;

import org.jspecify.annotations.NullMarked;
