package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

class OutgoingHeadersTest {
    private static HttpHeaders sent(MockServerHttpRequest.BaseBuilder<?> request) {
        MockServerWebExchange exchange = MockServerWebExchange.from(request);
        return OutgoingHeaders.of(exchange.getRequest().getHeaders(), exchange);
    }

    /** Not every HTTP server in front refuses it, and the body is as long as its chunks are. */
    @Test
    void chunkedRequest_withALengthToo_goesOutWithout() {
        HttpHeaders sent = sent(MockServerHttpRequest.post("/x")
                .header("Transfer-Encoding", "chunked")
                .header("Content-Length", "5")
                .header("X-Kept", "y"));
        assertThat(sent.names()).containsExactly("X-Kept");
    }

    @Test
    void request_ofKnownLength_keepsIt() {
        assertThat(sent(MockServerHttpRequest.post("/x").header("Content-Length", "5"))
                        .get("Content-Length"))
                .isEqualTo("5");
    }

    @Test
    void request_withoutABody_saysSo() {
        assertThat(sent(MockServerHttpRequest.post("/x")).get("Content-Length")).isEqualTo("0");
        assertThat(sent(MockServerHttpRequest.get("/x"))).isEmpty();
    }
}
