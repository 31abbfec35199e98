package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.InMemoryTaskStore;
import dev.errand.upstream.Echo;
import dev.errand.web.BodyRequest;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.UpstreamTimeouts;
import dev.errand.web.stage.PermitAges;
import dev.errand.web.stage.TestOutcomes;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

class UpstreamRoutingFilterTest {
    /** What the upstream got last: its request line's target, its fields and its body. */
    private record Got(String target, HttpHeaders headers, String body) {}

    private static final AtomicReference<Got> GOT = new AtomicReference<>();
    private static DisposableServer upstream;

    @BeforeAll
    static void start() {
        upstream = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(body -> {
                            GOT.set(new Got(
                                    request.uri(), request.requestHeaders().copy(), body));
                            Mono<Void> answer = response.status(207)
                                    .header("X-Answer", "a")
                                    .header("Content-Type", "text/x")
                                    .header("Txn-Token", "forged")
                                    .send()
                                    .then();
                            return request.uri().contains("slow")
                                    ? answer.delaySubscription(Duration.ofSeconds(1))
                                    : answer;
                        }))
                .bindNow();
    }

    @AfterAll
    static void stop() {
        upstream.disposeNow();
    }

    @BeforeEach
    void forget() {
        GOT.set(null);
    }

    private static Got got() {
        return Objects.requireNonNull(GOT.get(), "nothing was sent");
    }

    private static MockServerWebExchange route(
            MockServerHttpRequest request, String target, Map<String, Object> metadata) {
        MockServerWebExchange exchange = MockServerWebExchange.from(request);
        Route route = Route.async()
                .id("r")
                .uri("http://127.0.0.1")
                .predicate(any -> true)
                .metadata(metadata)
                .build();
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR, route);
        exchange.getAttributes()
                .put(
                        ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
                        URI.create("http://127.0.0.1:" + upstream.port() + target));
        return exchange;
    }

    private static MockServerWebExchange get(String target, Map<String, Object> metadata) {
        return route(MockServerHttpRequest.get("/x").build(), target, metadata);
    }

    private static MockServerWebExchange get() {
        return get("/x", Map.of());
    }

    private static void send(MockServerWebExchange exchange, HttpHeadersFilter... operators) {
        ObjectProvider<List<HttpHeadersFilter>> filters = new ObjectProvider<>() {
            @Override
            public List<HttpHeadersFilter> getObject() {
                return List.of(operators);
            }
        };
        HttpClientProperties properties = new HttpClientProperties();
        properties.setResponseTimeout(Duration.ofSeconds(20));
        ServerHttpRequest mock = exchange.getRequest();
        // Of a mock nobody may ask for the server's own request.
        ServerWebExchange served = exchange.mutate()
                .request(new BodyRequest(mock.getMethod(), mock.getHeaders(), mock.getBody()))
                .build();
        new UpstreamRoutingFilter(
                        HttpClient.create(),
                        new UpstreamHeads(
                                new HeadersFilters(filters), new UpstreamTimeouts(properties.getResponseTimeout())),
                        null,
                        new PermitAges(new InMemoryTaskStore(), PermittedCalls.settings()),
                        TestOutcomes.unread(new InMemoryTaskStore()))
                .filter(served, next -> Mono.empty())
                .block(Duration.ofSeconds(30));
        Connection connection = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
        if (connection != null) {
            connection.dispose();
        }
    }

    @Test
    void answer_isTakenAndToldByTheAttributesThatOthersAskFor() {
        MockServerWebExchange exchange = get();
        send(exchange);
        assertThat(exchange.getResponse().getStatusCode()).isEqualTo(HttpStatus.MULTI_STATUS);
        assertThat(exchange.getResponse().getHeaders().getFirst("X-Answer")).isEqualTo("a");
        assertThat(exchange.getResponse().getHeaders().headerNames()).doesNotContain("Txn-Token", "Transfer-Encoding");
        assertThat(ServerWebExchangeUtils.isAlreadyRouted(exchange)).isTrue();
        assertThat(exchange.getAttributes())
                .containsKeys(
                        ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR)
                .containsEntry(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, "text/x");
        assertThat(exchange.<Iterable<String>>getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES))
                .contains("X-Answer")
                .doesNotContain("Txn-Token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%2Fb//c;d?", "/a?b=[1]&c=%5B", "/", "/a?b?c"})
    void target_isSentAsItIsSpelled(String target) {
        send(get(target, Map.of()));
        assertThat(got().target()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, hello, hello",
        "DELETE, hello, hello",
        "POST, hello, hello",
        "GET, , ''",
        "POST, , ''",
        "OPTIONS, , ''"
    })
    void body_isSentAsLongAsItIs(String method, @Nullable String body, String expected) {
        MockServerHttpRequest.BodyBuilder request = MockServerHttpRequest.method(HttpMethod.valueOf(method), "/x");
        send(route(
                body == null
                        ? request.build()
                        : request.header("Content-Length", Integer.toString(body.length()))
                                .body(body),
                "/x",
                Map.of()));
        assertThat(got().body()).isEqualTo(expected);
        assertThat(got().headers().contains("Transfer-Encoding")).isFalse();
        String length = got().headers().get("Content-Length");
        assertThat(length).isEqualTo(body == null ? (method.equals("GET") ? null : "0") : "5");
    }

    /** They come first, whatever their order: what only the gateway may say they cannot say either. */
    @Test
    void operatorsFilters_areAskedBothWaysAndHaveNotTheLastWord() {
        HttpHeadersFilter operators = new HttpHeadersFilter() {
            @Override
            public org.springframework.http.HttpHeaders filter(
                    org.springframework.http.HttpHeaders input, ServerWebExchange exchange) {
                org.springframework.http.HttpHeaders out = new org.springframework.http.HttpHeaders();
                out.addAll(input);
                out.set("X-Operator", "o");
                out.set("Txn-Token", "forged");
                out.remove("X-Answer");
                return out;
            }

            @Override
            public boolean supports(Type type) {
                return true;
            }
        };
        MockServerWebExchange exchange =
                route(MockServerHttpRequest.get("/x").header("X-Client", "c").build(), "/x", Map.of());
        send(exchange, operators);
        assertThat(got().headers().get("X-Operator")).isEqualTo("o");
        assertThat(got().headers().get("X-Client")).isEqualTo("c");
        assertThat(got().headers().contains("Txn-Token")).isFalse();
        assertThat(exchange.getResponse().getHeaders().getFirst("X-Operator")).isEqualTo("o");
        assertThat(exchange.getResponse().getHeaders().headerNames()).doesNotContain("X-Answer", "Txn-Token");
    }

    /** As a route's {@code AddRequestHeader} could write it, and as a credential could. */
    @Test
    void valueThatWouldBeTwoFields_isNotSent() {
        assertThatThrownBy(() -> send(route(
                        MockServerHttpRequest.get("/x")
                                .header("X-A", "a\r\nX-Evil: b")
                                .build(),
                        "/x",
                        Map.of())))
                .isInstanceOf(IllegalArgumentException.class);
        MockServerWebExchange exchange = get();
        Call.Permitted call = new PermittedCalls(new InMemoryTaskStore()).permitted();
        new Call.Forwarded(call, Map.of("x-key", "a\nX-Evil: b"), Set.of(), null, null, Echo.OFF).attachTo(exchange);
        assertThatThrownBy(() -> send(exchange)).isInstanceOf(IllegalArgumentException.class);
        assertThat(GOT.get()).isNull();
    }

    @Test
    void answer_laterThanTheRouteWaits_isA504() {
        MockServerWebExchange exchange = get("/slow", Map.of("response-timeout", "200"));
        assertThatThrownBy(() -> send(exchange))
                .isInstanceOfSatisfying(
                        ResponseStatusException.class,
                        late -> assertThat(late.getStatusCode()).isEqualTo(HttpStatus.GATEWAY_TIMEOUT));
        send(get("/slow", Map.of("response-timeout", -1)));
        send(get("/slow", Map.of("response-timeout", "soon")));
    }
}
