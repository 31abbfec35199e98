package dev.errand.web.send;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/** One side of an open WebSocket. */
record Peer(WebsocketInbound in, WebsocketOutbound out) {
    /** How long a close frame may wait for a peer that does not read. */
    private static final Duration CLOSING = Duration.ofMillis(250);

    /** The subprotocol that the handshake agreed on, or null. */
    public @Nullable String protocol() {
        return in.selectedSubprotocol();
    }

    /** The fields of the answer that opened it. */
    HttpHeaders headers() {
        return in.headers();
    }

    /**
     * Relays frames between two sides, with pings and fragments as they come. When one side closes or is lost, or {@code end}
     * emits, both are closed. A close is passed on with its code and reason. The relay reads from one side only as fast as the
     * other side takes the frames.
     *
     * @param end emits the status to close both sides with, or nothing
     */
    public static Mono<Void> relay(Peer client, Peer upstream, Mono<WebSocketCloseStatus> end) {
        Mono<Ending> byClient = client.closed()
                .map(status -> new Ending(status, onward(status, WebSocketCloseStatus.ENDPOINT_UNAVAILABLE)));
        Mono<Ending> byUpstream =
                upstream.closed().map(status -> new Ending(onward(status, WebSocketCloseStatus.BAD_GATEWAY), status));
        Flux<Ending> endings = Flux.merge(
                client.pumpTo(upstream)
                        .then(byClient)
                        .onErrorResume(error -> corrupt(error).switchIfEmpty(byClient)),
                upstream.pumpTo(client)
                        .then(byUpstream)
                        .onErrorResume(error -> corrupt(error).switchIfEmpty(byUpstream)),
                end.map(status -> new Ending(status, status)));
        // The pumps run until both close frames are out: cancelling a pump would close its side without a code.
        return endings.concatMap(
                        ending -> Mono.when(client.close(ending.client()), upstream.close(ending.upstream()))
                                .thenReturn(ending),
                        1)
                .next()
                .doFinally(signal -> {
                    client.abort();
                    upstream.abort();
                })
                .then();
    }

    /** The status that each side is closed with. */
    private record Ending(WebSocketCloseStatus client, WebSocketCloseStatus upstream) {}

    /**
     * Passes on this side's frames until this side ends. If the other side no longer takes a frame, the pump waits: the
     * other side's own pump then ends the relay. If this pump ended, this side would be closed without a code.
     */
    private Mono<Void> pumpTo(Peer other) {
        return in.receiveFrames()
                .map(WebSocketFrame::retain)
                .concatMap(frame -> other.out.sendObject(frame).then().onErrorResume(lost -> Mono.never()), 0)
                .then();
    }

    /** The status that this side closed with, once it is closed. */
    private Mono<WebSocketCloseStatus> closed() {
        return in.receiveCloseStatus().defaultIfEmpty(WebSocketCloseStatus.ABNORMAL_CLOSURE);
    }

    /** The ending by a side that broke the protocol. The codec has sent that side a close frame already. */
    private static Mono<Ending> corrupt(Throwable error) {
        return error instanceof CorruptedWebSocketFrameException frame
                ? Mono.just(new Ending(frame.closeStatus(), frame.closeStatus()))
                : Mono.empty();
    }

    private static WebSocketCloseStatus onward(WebSocketCloseStatus status, WebSocketCloseStatus lost) {
        return status.code() == WebSocketCloseStatus.ABNORMAL_CLOSURE.code() ? lost : status;
    }

    private Mono<Void> close(WebSocketCloseStatus status) {
        Mono<Void> sent = WebSocketCloseStatus.isValidStatusCode(status.code())
                ? out.sendClose(status.code(), status.reasonText())
                : out.sendClose();
        return sent.timeout(CLOSING).onErrorComplete();
    }

    private void abort() {
        in.withConnection(connection -> connection.channel().close());
    }
}
