package dev.errand.decision;

import com.google.protobuf.ByteString;
import dev.errand.web.stage.AnswerReading;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * An answer on its way to the agent, as far as its gateway shows the body. Used on one event loop.
 *
 * @param mode what of the body is shown
 * @param head the head as the upstream sent it
 * @param parts the body
 */
record AnswerPassing(BodySendMode mode, AnswerHead head, Sinks.Many<DataBuffer> parts) {
    /** Above this length, an answer must be cut when its task ends. */
    private static final long LIVE_BYTES = 1 << 20;

    /** What the gateway keeps of an answer until it is whole. */
    private static final long BUFFER_BYTES = 16 << 20;

    private static final int SWITCHING = 101;

    /** Decides how the answer passes, whose head is in the exchange's response. */
    static AnswerPassing of(ServerWebExchange exchange, AnswerHead head) {
        return new AnswerPassing(
                mode(exchange, head), head, Sinks.many().unicast().onBackpressureBuffer());
    }

    private static BodySendMode mode(ServerWebExchange exchange, AnswerHead head) {
        if (head.status() == SWITCHING) {
            return BodySendMode.STREAMED;
        }
        if (head.whole() || HttpMethod.HEAD.equals(exchange.getRequest().getMethod())) {
            return BodySendMode.NONE;
        }
        if (isEvents(exchange.getResponse())) {
            return BodySendMode.STREAMED;
        }
        long length = exchange.getResponse().getHeaders().getContentLength();
        AnswerReading reading = AnswerReading.of(exchange);
        if (reading == AnswerReading.WHOLE && length <= BUFFER_BYTES) {
            return BodySendMode.BUFFERED;
        }
        if (length < 0 || length > LIVE_BYTES) {
            return BodySendMode.STREAMED;
        }
        return reading == AnswerReading.NOTHING ? BodySendMode.NONE : BodySendMode.BUFFERED;
    }

    private static boolean isEvents(ServerHttpResponse response) {
        HttpHeaders headers = response.getHeaders();
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, MediaType.TEXT_EVENT_STREAM_VALUE, 0, 17);
    }

    /** The changes of its head. An answer that is filtered as it passes loses its length. */
    FieldChanges changes(HttpHeaders passed) {
        FieldChanges changes = FieldChanges.ofAnswer(head.fields(), passed);
        boolean shortened = mode == BodySendMode.STREAMED
                && head.fields().contains(HttpHeaders.CONTENT_LENGTH)
                && !passed.containsHeader(HttpHeaders.CONTENT_LENGTH);
        return shortened ? changes.without("content-length") : changes;
    }

    /** Writes the answer into the exchange's response. */
    Mono<Void> writeTo(ServerWebExchange exchange) {
        ServerHttpResponse response = exchange.getResponse();
        HttpStatusCode status = response.getStatusCode();
        if (mode == BodySendMode.NONE || status == null) {
            return response.writeWith(Flux.empty());
        }
        Flux<DataBuffer> body = parts.asFlux();
        if (mode == BodySendMode.STREAMED) {
            // The gateway gives no part before it knows the head, and the head waits for a part.
            body = body.startWith(DefaultDataBufferFactory.sharedInstance.wrap(new byte[0]));
        }
        return isEvents(response) ? response.writeAndFlushWith(body.map(Flux::just)) : response.writeWith(body);
    }

    /** The next part of the body. */
    void push(ByteString bytes) {
        parts.tryEmitNext(DefaultDataBufferFactory.sharedInstance.wrap(bytes.toByteArray()));
    }

    /** The body has ended. */
    void end() {
        parts.tryEmitComplete();
    }
}
