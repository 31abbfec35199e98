package dev.errand.web;

import io.netty.handler.ssl.SslContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Routes as Spring Cloud Gateway does, and shows the upstream a client certificate where the route's credential is one.
 * Takes the place of the gateway's own routing filter.
 */
final class UpstreamRoutingFilter extends NettyRoutingFilter {
    UpstreamRoutingFilter(
            HttpClient client,
            ObjectProvider<List<HttpHeadersFilter>> headersFilters,
            HttpClientProperties properties) {
        super(client, headersFilters, properties);
    }

    @Override
    protected Mono<HttpClient> getHttpClientMono(Route route, ServerWebExchange exchange) {
        return certified(getHttpClient(route, exchange), Call.find(exchange));
    }

    /** The client with which that call is sent. */
    static Mono<HttpClient> certified(HttpClient client, @Nullable Call call) {
        Mono<SslContext> certificate = call == null ? null : call.clientCertificate;
        return certificate == null
                ? Mono.just(client)
                : certificate.map(context -> client.secure(spec -> spec.sslContext(context)));
    }
}
