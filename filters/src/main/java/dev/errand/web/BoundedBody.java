package dev.errand.web;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A body that is read to decide: at most so many bytes, copied out of Netty's buffers, which are released. */
final class BoundedBody {
    private BoundedBody() {}

    /** The bytes, or the fact that there were too many. */
    record Read(byte[] bytes, boolean tooLong) {}

    static Mono<Read> read(ServerHttpRequest request, int maxBytes) {
        if (request.getHeaders().getContentLength() > maxBytes) {
            return Mono.just(new Read(new byte[0], true));
        }
        return DataBufferUtils.join(request.getBody(), maxBytes)
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return new Read(bytes, false);
                })
                .defaultIfEmpty(new Read(new byte[0], false))
                .onErrorReturn(DataBufferLimitException.class, new Read(new byte[0], true));
    }

    /** The exchange whose request has exactly these bytes as its body. */
    static ServerWebExchange replay(ServerWebExchange exchange, byte[] bytes) {
        ServerHttpRequest replaying = new ServerHttpRequestDecorator(exchange.getRequest()) {
            @Override
            public Flux<DataBuffer> getBody() {
                return bytes.length == 0
                        ? Flux.empty()
                        : Flux.defer(() ->
                                Flux.just(exchange.getResponse().bufferFactory().wrap(bytes)));
            }
        };
        return exchange.mutate().request(replaying).build();
    }
}
