package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpMethod;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class RouteMappingTest {
    private static Route route(String id, AsyncPredicate<ServerWebExchange> predicate) {
        return Route.async().id(id).uri("http://x").asyncPredicate(predicate).build();
    }

    private static Route later(String id, boolean holds) {
        return route(id, exchange -> Mono.delay(Duration.ofMillis(20)).thenReturn(holds));
    }

    private static Route now(String id, boolean holds) {
        return route(id, exchange -> Mono.just(holds));
    }

    /** The id of the route that is found with those of the revision; null for none. */
    private static @Nullable String found(Route... routes) {
        RunningRevision running = new RunningRevision(Revisions.EMPTY);
        running.replace(Revisions.EMPTY, List.of(routes));
        RunningRoutes all = new RunningRoutes(
                running, List.of(() -> Flux.just(now("another locator's, not this", false), now("other", true))));
        RouteMapping mapping = new RouteMapping(
                new FilteringWebHandler(List.of(), false),
                running,
                all,
                new GlobalCorsProperties(),
                new MockEnvironment());
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/x"));
        mapping.getHandler(exchange).block(Duration.ofSeconds(20));
        assertThat(exchange.getAttributes()).doesNotContainKey(ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR);
        Route found = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        return found == null ? null : found.getId();
    }

    @Test
    void route_isTheFirstThatHolds_whetherItTellsAtOnceOrNot() {
        assertThat(found(now("a", false), now("b", true), now("c", true))).isEqualTo("b");
        assertThat(found(later("a", true), now("b", true))).isEqualTo("a");
        assertThat(found(now("a", false), later("b", false), now("c", true))).isEqualTo("c");
        assertThat(found(route("a", exchange -> Mono.empty()), now("b", true))).isEqualTo("b");
        assertThat(found(
                        route("a", exchange -> Mono.delay(Duration.ofMillis(20)).then(Mono.empty())), now("b", true)))
                .isEqualTo("b");
    }

    @Test
    void route_ofTheRevisionThatHoldsNot_leavesThoseOfOtherLocators() {
        assertThat(found(now("a", false), later("b", false))).isEqualTo("other");
        assertThat(found()).isEqualTo("other");
    }

    /** A preflight finds its route as any request does, whatever CORS is configured. */
    @Test
    void preflight_isLeftToItsRoute() {
        GlobalCorsProperties cors = new GlobalCorsProperties();
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.addAllowedOrigin("https://page.example");
        cors.getCorsConfigurations().put("/**", configuration);
        RunningRevision running = new RunningRevision(Revisions.EMPTY);
        running.replace(Revisions.EMPTY, List.of(now("a", true)));
        RouteMapping mapping = new RouteMapping(
                new FilteringWebHandler(List.of(), false),
                running,
                new RunningRoutes(running, List.of()),
                cors,
                new MockEnvironment());
        for (String origin : List.of("https://page.example", "https://attacker.example")) {
            for (HttpMethod method : List.of(HttpMethod.OPTIONS, HttpMethod.GET)) {
                MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.method(method, "/x")
                        .header("Origin", origin)
                        .header("Access-Control-Request-Method", "GET"));
                new PreflightFilter()
                        .filter(exchange, seen -> {
                            assertThat(CorsUtils.isPreFlightRequest(seen.getRequest()))
                                    .isFalse();
                            return mapping.getHandler(seen).then();
                        })
                        .block(Duration.ofSeconds(20));
                assertThat(exchange.getResponse().getHeaders().headerNames()).isEmpty();
                assertThat(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR))
                        .isNotNull();
            }
        }
    }

    /** The route's filters and its upstream get every header that the browser sent. */
    @Test
    void preflight_reachesItsRouteAsItCame() {
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.options("/x")
                .header("Origin", "https://page.example")
                .header("Access-Control-Request-Method", "GET"));
        AtomicReference<ServerWebExchange> handled = new AtomicReference<>();
        PreflightExchange preflight = new PreflightExchange(exchange);
        WebHandler handler = (WebHandler) preflight.unveiled((WebHandler) seen -> {
            handled.set(seen);
            return Mono.empty();
        });
        handler.handle(preflight).block(Duration.ofSeconds(20));
        assertThat(handled.get()).isSameAs(exchange);
    }

    @Test
    void predicate_knowsItsRoute() {
        AsyncPredicate<ServerWebExchange> named = exchange ->
                Mono.just("b".equals(exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR)));
        assertThat(found(route("a", named), route("b", named))).isEqualTo("b");
    }

    /** As the gateway's own mapping has it: what throws holds not, what ends in an error ends the search. */
    @Test
    void predicate_thatFails_isPassedOverOrEndsTheSearch() {
        AsyncPredicate<ServerWebExchange> throwing = exchange -> {
            throw new IllegalStateException("bug");
        };
        assertThat(found(route("a", throwing), now("b", true))).isEqualTo("b");
        assertThatThrownBy(() ->
                        found(route("a", exchange -> Mono.error(new IllegalStateException("bug"))), now("b", true)))
                .isInstanceOf(IllegalStateException.class);
    }
}
