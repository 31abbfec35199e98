package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

class NativeHeadersTest {
    /** What is found behind a request that came over the wire and was then changed so; empty for nothing. */
    private static String found(UnaryOperator<ServerHttpRequest> change) {
        Sinks.One<String> found = Sinks.one();
        ReactorHttpHandlerAdapter handler = new ReactorHttpHandlerAdapter((request, response) -> {
            HttpHeaders headers = NativeHeaders.of(change.apply(request));
            found.tryEmitValue(headers == null ? "" : String.valueOf(headers.get("X-A")));
            return response.setComplete();
        });
        DisposableServer server =
                HttpServer.create().host("127.0.0.1").port(0).handle(handler).bindNow();
        try {
            HttpClient.create()
                    .headers(headers -> headers.set("X-A", "b"))
                    .get()
                    .uri("http://127.0.0.1:" + server.port() + "/")
                    .response()
                    .block(Duration.ofSeconds(20));
            return Objects.requireNonNull(found.asMono().block(Duration.ofSeconds(20)));
        } finally {
            server.disposeNow();
        }
    }

    @Test
    void headers_ofARequestAsItCame_areFound() {
        assertThat(found(request -> request)).isEqualTo("b");
        assertThat(found(ServerHttpRequestDecorator::new)).isEqualTo("b");
    }

    /** A filter's own headers count, not what the agent sent. */
    @Test
    void headers_ofARequestWithOthersInTheirPlace_areNot() {
        assertThat(found(request -> request.mutate().header("X-A", "c").build()))
                .isEmpty();
        assertThat(found(request -> new ServerHttpRequestDecorator(request) {
                    @Override
                    public org.springframework.http.HttpHeaders getHeaders() {
                        return org.springframework.http.HttpHeaders.EMPTY;
                    }
                }))
                .isEmpty();
        assertThat(found(request -> MockServerHttpRequest.get("/").build())).isEmpty();
    }
}
