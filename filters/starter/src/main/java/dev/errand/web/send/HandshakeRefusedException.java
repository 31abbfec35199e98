package dev.errand.web.send;

import io.netty.handler.codec.http.HttpHeaders;

/** The upstream answered a handshake with an HTTP answer of its own. */
final class HandshakeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient HttpHeaders headers;
    private final transient byte[] body;

    HandshakeRefusedException(int status, HttpHeaders headers, byte[] body) {
        super("the upstream answered the handshake with " + status, null, false, false);
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** The status of its answer. */
    public int status() {
        return status;
    }

    /** The header fields of its answer. */
    public HttpHeaders headers() {
        return headers;
    }

    /** The body of its answer, at most {@link HandshakeWire#MAX_BODY} bytes of it. */
    public byte[] body() {
        return body.clone();
    }
}
