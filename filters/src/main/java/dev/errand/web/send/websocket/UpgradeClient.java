package dev.errand.web.send.websocket;

import reactor.netty.http.client.HttpClient;

/**
 * How upstreams are reached where a connection is to become a WebSocket. HTTP/1.1 alone is offered: an upstream that may
 * choose HTTP/2 chooses it, and HTTP/2 has no {@code Upgrade} (RFC 9113 section 8.6). Thread-safe.
 *
 * @param client whose only protocol is HTTP/1.1, in the handshake of TLS too
 */
public record UpgradeClient(HttpClient client) {}
