package dev.errand.decision;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Another gateway that asks about one request, and waits. Used on its event loop. */
interface Asked {
    /** The event loop of the connection to the gateway. */
    EventLoop loop();

    /** The filters of the routes begin with this exchange. */
    void in(ServerWebExchange exchange);

    /** The request's body. The gateway gives it whole, once it is subscribed to. */
    Flux<DataBuffer> body();

    /** Whether the gateway shows the head of the answer. */
    default boolean seesAnswers() {
        return true;
    }

    /** Whether nothing of the request's body is still to come to the other gateway. */
    boolean isWhole();

    /**
     * Lets the gateway send the request.
     *
     * @param fields the fields that the upstream is to get
     * @param target the path and query that the upstream is to get
     * @return the head of the upstream's answer; empty if nobody sees the answer
     */
    Mono<AnswerHead> send(HttpHeaders fields, String target);

    /** Passes the answer on, whose head is in the exchange's response. */
    Mono<Void> pass(ServerWebExchange exchange, AnswerHead head);
}
