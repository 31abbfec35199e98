package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import io.netty.channel.Channel;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/**
 * Cuts answers that are still being written when their task ends. It sits outside the filter that writes the answer.
 * A cut answer ends in an error, not in completion, so that no client takes it for a whole one: in HTTP/1.1 the last
 * chunk is missing, in HTTP/2 the stream ends in RST_STREAM and the other calls of the connection go on. An open
 * WebSocket is closed by its own filter, with a close frame.
 */
record CutFilter(LiveCalls live, AnswerSearch search) implements GlobalFilter, Ordered {
    @Override
    public int getOrder() {
        return FilterOrder.CUT;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (!(Call.find(exchange) instanceof Call.Verified call)) {
            return chain.filter(exchange);
        }
        ServerHttpResponse response = exchange.getResponse();
        Mono<Void> rest = chain.filter(exchange.mutate()
                .response(new FilteredAnswer(response, call.loop(), () -> Call.find(exchange), search))
                .build());
        return MonoCut.of(rest, live, call, () -> close(response, call));
    }

    /**
     * Closes the agent's connection soon. The server alone would wait until the agent has read what it was sent,
     * which the agent may never do. The close comes after the server's own end of the answer, so that the server
     * never writes to a closed channel.
     */
    private static void close(ServerHttpResponse response, Call call) {
        if (response.isCommitted()
                && ServerHttpResponseDecorator.getNativeResponse(response) instanceof Connection connection) {
            Channel channel = connection.channel();
            call.loop().schedule(() -> {
                if (channel.isRegistered()) {
                    channel.close();
                }
            });
        }
    }
}
