package dev.errand.peers;

import io.netty.handler.codec.http.HttpHeaderNames;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

/** The lowest cost of the stack: reactor-netty's server hands each request to its client, with nothing in between. */
public final class RawProxy {
    private RawProxy() {}

    /** @param arguments this proxy's port and the upstream's port, both on loopback */
    public static void main(String[] arguments) {
        HttpClient client = HttpClient.create(ConnectionProvider.builder("upstream")
                        .maxConnections(1000)
                        .build())
                .host("127.0.0.1")
                .port(Integer.parseInt(arguments[1]));
        HttpServer.create()
                .host("127.0.0.1")
                .port(Integer.parseInt(arguments[0]))
                .httpRequestDecoder(decoder -> decoder.maxHeaderSize(65_536))
                .handle((request, response) -> client.headers(
                                headers -> headers.set(request.requestHeaders()).remove(HttpHeaderNames.HOST))
                        .request(request.method())
                        .uri(request.uri())
                        .response((answer, body) -> {
                            response.status(answer.status());
                            response.headers(answer.responseHeaders());
                            return response.send(ByteBufFlux.fromInbound(body.retain()))
                                    .then();
                        })
                        .then(Mono.empty()))
                .bindNow()
                .onDispose()
                .block();
    }
}
