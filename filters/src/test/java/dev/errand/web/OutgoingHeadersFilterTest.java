package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

class OutgoingHeadersFilterTest {
    private static HttpHeaders sent(MockServerHttpRequest.BaseBuilder<?> request) {
        MockServerWebExchange exchange = MockServerWebExchange.from(request);
        return new OutgoingHeadersFilter().filter(exchange.getRequest().getHeaders(), exchange);
    }

    /** Not every HTTP server in front refuses it, and the body is as long as its chunks are. */
    @Test
    void chunkedRequest_withALengthToo_goesOutWithout() {
        HttpHeaders sent = sent(MockServerHttpRequest.post("/x")
                .header("Transfer-Encoding", "chunked")
                .header("Content-Length", "5")
                .header("X-Kept", "y"));
        assertThat(sent.headerNames()).containsExactly("X-Kept");
    }

    @Test
    void request_ofKnownLength_keepsIt() {
        assertThat(sent(MockServerHttpRequest.post("/x").header("Content-Length", "5"))
                        .getContentLength())
                .isEqualTo(5);
    }

    @Test
    void request_withoutABody_saysSo() {
        assertThat(sent(MockServerHttpRequest.post("/x")).getContentLength()).isZero();
        assertThat(sent(MockServerHttpRequest.get("/x")).headerNames()).isEmpty();
    }
}
