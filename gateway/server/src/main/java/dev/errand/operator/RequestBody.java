package dev.errand.operator;

import java.nio.charset.StandardCharsets;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** The body of an operator's request, at most {@value #MAX_BYTES} bytes. */
final class RequestBody {
    /** The most bytes of a body. */
    public static final int MAX_BYTES = 64 * 1024;

    private RequestBody() {}

    /** A body has more than {@value #MAX_BYTES} bytes. */
    public static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLongException() {
            super("the body has more than " + MAX_BYTES + " bytes", null, false, false);
        }
    }

    /** The body as text, empty without a body; fails with {@link TooLongException}. */
    public static Mono<String> read(ServerRequest request) {
        if (request.headers().contentLength().orElse(0) > MAX_BYTES) {
            return Mono.error(new TooLongException());
        }
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), MAX_BYTES)
                .map(RequestBody::text)
                .defaultIfEmpty("")
                .onErrorMap(DataBufferLimitException.class, tooLong -> new TooLongException());
    }

    private static String text(DataBuffer body) {
        try {
            return body.toString(StandardCharsets.UTF_8);
        } finally {
            DataBufferUtils.release(body);
        }
    }
}
