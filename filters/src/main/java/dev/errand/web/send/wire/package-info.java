/** Connections to upstreams, byte by byte: which answer belongs to which request, and when a connection is used no more. */
@NullMarked
package dev.errand.web.send.wire;

import org.jspecify.annotations.NullMarked;
