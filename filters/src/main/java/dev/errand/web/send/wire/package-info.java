/** The bytes of connections to upstreams: which answer belongs to which request, and when a connection is no longer used. */
@NullMarked
package dev.errand.web.send.wire;

import org.jspecify.annotations.NullMarked;
