package dev.errand.web.send;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;

/**
 * Opens WebSockets to upstreams. No extension is offered, so that frames pass as they are, and pings go from end to end.
 * Thread-safe.
 *
 * @param client how upstreams are reached
 * @param maxFrameBytes the longest frame that passes; a longer one ends the connection with 1009
 */
record UpstreamSocket(HttpClient client, int maxFrameBytes) {
    /** The longest frame that passes unless configured. */
    public static final int DEFAULT_FRAME_BYTES = 64 << 10;

    /**
     * Opens a WebSocket for as long as {@code open} lasts. Ends in a {@link HandshakeRefusedException} where the
     * upstream answers otherwise, and in another error where it does not answer.
     *
     * @param target the URL, with the scheme {@code http} or {@code https}
     * @param headers the header fields of the request, without those of the handshake itself
     * @param protocols the client's offer in its own spelling; null for none
     * @param handed runs once the handshake is handed to the connection
     * @param open the work on the open WebSocket; its first item says that the handshake's time limit no longer
     *     counts
     */
    public <T> Flux<T> open(
            URI target,
            HttpHeaders headers,
            @Nullable String protocols,
            Runnable handed,
            Function<Peer, Flux<T>> open) {
        WebsocketClientSpec.Builder spec =
                WebsocketClientSpec.builder().compress(false).handlePing(true).maxFramePayloadLength(maxFrameBytes);
        if (protocols != null) {
            spec.protocols(protocols);
        }
        boolean origin = headers.contains(HttpHeaderNames.ORIGIN);
        return client.headers(own -> own.set(headers))
                .doOnRequest((request, connection) -> HandshakeWire.on(connection, origin, handed))
                .websocket(spec.build())
                .uri(target)
                .handle((in, out) -> open.apply(new Peer(in, out)));
    }
}
