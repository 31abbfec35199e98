/** WebSockets to upstreams: the handshake, told apart from its refusal, and the frames between two connections. */
@NullMarked
package dev.errand.web.send.websocket;

import org.jspecify.annotations.NullMarked;
