package dev.errand.it;

import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * An upstream of WebSockets on a free port of loopback. The last segment of the path says what becomes of a handshake:
 * {@code echo}, {@code close-4001}, {@code drop}, {@code refuse} or {@code hang-up}; all else is answered 200.
 */
final class SocketUpstream implements AutoCloseable {
    /** The heads of all requests, a line each field. */
    final List<String> heads = new CopyOnWriteArrayList<>();

    /** How sockets were closed by the gateway: code and reason. */
    final LinkedBlockingQueue<String> closed = new LinkedBlockingQueue<>();

    private final DisposableServer server = HttpServer.create()
            .runOn(RecordingUpstream.LOOPS)
            .host("127.0.0.1")
            .port(0)
            .handle(this::answer)
            .bindNow();

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        StringBuilder head = new StringBuilder(request.method() + " " + request.uri());
        request.requestHeaders()
                .forEach(field ->
                        head.append('\n').append(field.getKey()).append(": ").append(field.getValue()));
        heads.add(head.toString());
        String last = request.uri().substring(request.uri().lastIndexOf('/') + 1);
        return switch (last) {
            case "echo" -> echo(response, request.requestHeaders().contains("Sec-WebSocket-Protocol"));
            case "close-4001" ->
                response.sendWebsocket(
                        (in, out) -> out.sendClose(4001, "done"),
                        WebsocketServerSpec.builder().build());
            case "drop" ->
                response.sendWebsocket(
                        (in, out) -> {
                            in.withConnection(connection -> connection.channel().close());
                            return Mono.never();
                        },
                        WebsocketServerSpec.builder().build());
            case "refuse" ->
                response.status(403).header("X-Upstream", "said-no").sendString(Mono.just("{\"no\":\"entry\"}"));
            case "hang-up" -> {
                response.withConnection(connection -> connection.channel().close());
                yield Mono.never();
            }
            default ->
                request.receive().then(response.sendString(Mono.just("{}")).then());
        };
    }

    private Publisher<Void> echo(HttpServerResponse response, boolean protocols) {
        WebsocketServerSpec.Builder spec = WebsocketServerSpec.builder().maxFramePayloadLength(1 << 20);
        return response.sendWebsocket(
                (in, out) -> {
                    in.receiveCloseStatus().subscribe(status -> closed.add(status.code() + " " + status.reasonText()));
                    return out.sendObject(in.receiveFrames().map(WebSocketFrame::retain));
                },
                (protocols ? spec.protocols("chat.v1,chat.v2") : spec).build());
    }

    int port() {
        return server.port();
    }

    String uri() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
