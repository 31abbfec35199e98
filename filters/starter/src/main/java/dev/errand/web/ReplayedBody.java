package dev.errand.web;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** A body that was read to decide, sent on: exactly its bytes, in pieces that a stalled upstream can hold up. */
public final class ReplayedBody {
    private static final int PIECE = 16 * 1024;

    private ReplayedBody() {}

    /** The exchange whose request has that body. The body's place is given back with its last piece. */
    public static ServerWebExchange in(ServerWebExchange exchange, BodyReader.Body.Whole body) {
        ServerHttpRequest replaying = new Replaying(
                exchange.getRequest(), body, exchange.getResponse().bufferFactory());
        return exchange.mutate().request(replaying).build();
    }

    /** The body of the exchange's request, if it was read to decide and is replayed; else null. Not to be changed. */
    public static byte @Nullable [] of(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        while (request instanceof ServerHttpRequestDecorator decorator) {
            if (decorator instanceof Replaying replaying) {
                return replaying.body.bytes();
            }
            request = decorator.getDelegate();
        }
        return null;
    }

    private static final class Replaying extends ServerHttpRequestDecorator {
        private final BodyReader.Body.Whole body;
        private final DataBufferFactory buffers;

        Replaying(ServerHttpRequest request, BodyReader.Body.Whole body, DataBufferFactory buffers) {
            super(request);
            this.body = body;
            this.buffers = buffers;
        }

        @Override
        public Flux<DataBuffer> getBody() {
            byte[] bytes = body.bytes();
            if (bytes.length == 0) {
                return Flux.empty();
            }
            if (bytes.length <= PIECE) {
                return Flux.defer(() -> Flux.just(buffers.wrap(bytes)));
            }
            return pieces(bytes, buffers).doOnComplete(body::leave);
        }
    }

    private static Flux<DataBuffer> pieces(byte[] bytes, DataBufferFactory buffers) {
        int count = (bytes.length + PIECE - 1) / PIECE;
        return Flux.range(0, count).map(i -> {
            int from = i * PIECE;
            return buffers.wrap(ByteBuffer.wrap(bytes, from, Math.min(PIECE, bytes.length - from)));
        });
    }
}
