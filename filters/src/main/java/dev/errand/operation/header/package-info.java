/** Which header fields of an agent's request are passed to the upstream, and which make the request malformed. */
@NullMarked
package dev.errand.operation.header;

import org.jspecify.annotations.NullMarked;
