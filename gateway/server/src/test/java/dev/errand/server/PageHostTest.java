package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;

/** On the host of the pages nothing else is served; elsewhere everything is. */
class PageHostTest {
    @ParameterizedTest
    @CsvSource({
        "pages.example.org, /approvals, 200",
        "pages.example.org, /approvals/a-1.t-2, 200",
        "PAGES.example.org, /start?user_code=BCDF, 200",
        "pages.example.org, /errands, 200",
        "pages.example.org, /errands/x, 404",
        "pages.example.org, /started, 404",
        "pages.example.org, /vault/v1/secret, 404",
        "gateway.example.org, /vault/v1/secret, 200",
        "gateway.example.org, /start, 200"
    })
    void host_servesItsPages(String host, String target, int status) {
        MockServerHttpResponse response = new MockServerHttpResponse();
        new PageHost("pages.example.org")
                .apply((request, answer) -> {
                    answer.setStatusCode(HttpStatus.OK);
                    return answer.setComplete();
                })
                .handle(
                        MockServerHttpRequest.get("http://" + host + target)
                                .header("Host", host)
                                .build(),
                        response)
                .block();
        assertThat(response.getStatusCode().value()).isEqualTo(status);
    }
}
