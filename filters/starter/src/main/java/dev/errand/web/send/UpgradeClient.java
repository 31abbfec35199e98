package dev.errand.web.send;

import reactor.netty.http.client.HttpClient;

/**
 * The client for connections that are to become a WebSocket. It offers HTTP/1.1 only: an upstream that may choose HTTP/2
 * would choose it, and HTTP/2 has no {@code Upgrade} (RFC 9113 section 8.6). Thread-safe.
 *
 * @param client has HTTP/1.1 as its only protocol, also in the TLS handshake
 */
public record UpgradeClient(HttpClient client) {}
