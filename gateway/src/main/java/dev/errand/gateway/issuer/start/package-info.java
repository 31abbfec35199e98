/** Starting a task: who asks, for whom, under which template, and the root token that says so (RFC 8693, RFC 9396). */
@NullMarked
package dev.errand.gateway.issuer.start;

import org.jspecify.annotations.NullMarked;
